import Testing

@Suite("Statements that are printed as missing")
struct CureTests {
  static let options = ["--iam-user", "iamuser", "--keep-access", "app_old"]

  /// Runs what a refused plan prints, each statement as printed and by whom it names, in that order.
  private func cure(_ database: TestDatabase, _ plan: SetupDocument) async throws {
    for missing in plan.missing {
      let login: Login =
        switch (missing.runner, missing.isRole) {
        case ("superuser", false): .superuser
        // The master of a managed server.
        case ("rds_superuser", false), (database.server.master.user, true): .master
        default: .role(missing.runner)
        }
      let psql = try await database.server.program(
        "psql", ["-XqAt", "-v", "ON_ERROR_STOP=1"], as: login, database: database.name,
        input: "\(missing.statement);\n")
      #expect(psql.status == 0, "\(missing.statement) as \(login): \(psql.output)")
      #expect(!psql.stderr.contains("does not exist"), "\(missing.statement) as \(login): \(psql.output)")
    }
  }

  /// Expects a refusal before the first change, and success after its cure.
  private func expectCure(
    _ database: TestDatabase, as login: Login, _ options: [String] = options
  ) async throws -> SetupDocument {
    let refused = try await database.setup("plan", options + ["--format", "json"], as: login)
    #expect(refused.status == 1, "\(refused.output)")
    let plan = try SetupDocument(refused)
    #expect(!plan.missing.isEmpty, "\(refused.output)")
    try await cure(database, plan)
    let apply = try await database.setup("apply", options + ["--yes"], as: login)
    #expect(apply.status == 0, "\(apply.output)")
    let verify = try await database.setup("verify", options, as: login)
    #expect(verify.status == 0, "\(verify.output)")
    return plan
  }

  @Test("a stock server's master", arguments: [ServerName.pg16Stock, .pg18Stock])
  func stockMaster(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      _ = try await expectCure(database, as: .master)
    }
  }

  /// On 15 CREATEROLE is enough.
  static let deployers: [(ServerName, String)] = [
    (.pg15RDS, ""), (.pg15Stock, ""), (.pg16RDS, "CREATEROLE"), (.pg18RDS, ""), (.pg16Stock, ""),
    (.pg18Stock, "CREATEROLE"),
  ]

  @Test("a login that may not create roles", arguments: deployers)
  func deployer(on server: ServerName, option: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      try await database.psql("CREATE ROLE deployer LOGIN PASSWORD 'deployer' \(option)")
      let plan = try await expectCure(database, as: .role("deployer"))
      if server.isLikeRDS {
        #expect(!plan.missing.contains { $0.runBy.contains("a superuser") || $0.runner == "superuser" })
      }
    }
  }

  @Test(
    "a database of the application moves through its owner, whom the master may become",
    arguments: ServerName.likeRDS + [.pg15Stock])
  func applicationsDatabase(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      try await database.psql(
        "ALTER DATABASE \(database.name) OWNER TO app_old; REVOKE ALL ON DATABASE \(database.name) FROM PUBLIC"
      )
      try await database.psql("GRANT CONNECT ON DATABASE \(database.name) TO postgres")
      let before = try await database.dump()
      let script = try await database.setup("plan", Self.options + ["--format", "sql"], as: .master)
      #expect(script.status == 0, "\(script.output)")
      let apply = try await database.setup("apply", Self.options + ["--yes"], as: .master)
      #expect(apply.status == 0, "\(apply.output)")
      let schema = try await database.psql(
        "SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'public'")
      #expect(schema == database.ownerRole)
      let connect = try await database.psql(
        "SELECT has_database_privilege('iamuser', current_database(), 'CONNECT')")
      #expect(connect == "t")
      let applied = try await database.dump()
      let revert = try await database.setup("revert", ["--yes"], as: .master)
      #expect(revert.status == 0, "\(revert.output)")
      let left = try await database.dump().differences(from: before)
      #expect(left == [])
      try await database.psql(script.stdout, as: .master)
      let scripted = try await database.dump().differences(from: applied)
      #expect(scripted == [])
    }
  }

  @Test(
    "on a stock server a database of the application takes the loan of its owner",
    arguments: [ServerName.pg16Stock, .pg18Stock])
  func applicationsDatabaseStock(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      try await database.psql(
        "ALTER DATABASE \(database.name) OWNER TO app_old; REVOKE ALL ON DATABASE \(database.name) FROM PUBLIC"
      )
      try await database.psql("GRANT CONNECT ON DATABASE \(database.name) TO postgres")
      _ = try await expectCure(database, as: .master)
    }
  }

  @Test(
    "what the IAM user becomes on login is a convenience: where it may not be set, setup goes on and says so",
    arguments: [ServerName.pg16Stock, .pg18Stock])
  func convenience(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(
        """
        CREATE ROLE app_old LOGIN;
        CREATE ROLE iamuser LOGIN;
        GRANT rds_iam TO iamuser;
        GRANT app_old TO postgres WITH ADMIN TRUE;
        GRANT ALL ON SCHEMA public TO app_old;
        SET ROLE app_old; CREATE TABLE customers (id integer);
        """)
      let plan = try SetupDocument(
        try await database.setup("plan", Self.options + ["--format", "json"], as: .master))
      #expect(!plan.blocked && plan.missing.isEmpty)
      #expect(!plan.changes.contains { $0.kind == "setting" })
      let note =
        "have it run SET ROLE \"\(database.ownerRole)\", or connect with options='-c role=\(database.ownerRole)'"
      #expect(plan.notes.contains { $0.contains(note) }, "\(plan.notes)")
      let apply = try await database.setup("apply", Self.options + ["--yes"], as: .master)
      #expect(apply.status == 0, "\(apply.output)")
      let verify = try await database.setup("verify", Self.options, as: .master)
      #expect(verify.status == 0, "\(verify.output)")
      #expect(verify.stdout.contains("iamuser is a member of \(database.ownerRole)\n"), "\(verify.stdout)")
      try await database.psql("SET ROLE iamuser; SET ROLE \(database.ownerRole); DROP TABLE customers")
    }
  }

  @Test(
    "a schema that stays with the superuser: the new owner is created before it is named",
    arguments: ServerName.stock)
  func schemaOfSuperuser(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(
        """
        CREATE ROLE app_old LOGIN;
        CREATE SCHEMA shared;
        GRANT ALL ON SCHEMA shared TO app_old;
        SET ROLE app_old; CREATE TABLE shared.customers (id integer);
        """)
      let plan = try await expectCure(database, as: .master, Self.options + ["--schema", "shared"])
      let statements = plan.missing.map(\.statement)
      let creation = try #require(
        statements.firstIndex { $0.hasPrefix("CREATE ROLE \"\(database.ownerRole)\"") })
      let grant = try #require(
        statements.firstIndex { $0.hasPrefix("GRANT USAGE, CREATE ON SCHEMA \"shared\"") })
      #expect(creation < grant)
    }
  }

  @Test(
    "a schema of RDS's own superuser: who may let others create in it is asked", arguments: ServerName.likeRDS
  )
  func schemaOfTheService(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(
        """
        CREATE ROLE app_old LOGIN PASSWORD 'app_old';
        CREATE SCHEMA shared;
        GRANT ALL ON SCHEMA shared TO app_old;
        SET ROLE app_old; CREATE TABLE shared.customers (id integer);
        """)
      let options = Self.options + ["--schema", "shared"]
      let refused = try await database.setup("plan", options)
      #expect(refused.status == 1)
      #expect(!refused.stdout.contains("a superuser"), "\(refused.stdout)")
      try await database.psql("GRANT ALL ON SCHEMA shared TO app_old WITH GRANT OPTION")
      _ = try await expectCure(database, as: .master, options)
    }
  }

  /// An application in a database that belongs to the server's superuser.
  static let superusersDatabase = """
    CREATE ROLE app_old LOGIN PASSWORD 'app_old';
    GRANT ALL ON SCHEMA public TO app_old;
    SET ROLE app_old; CREATE TABLE customers (id integer); RESET ROLE;
    SELECT format('ALTER DATABASE %I OWNER TO %I', current_database(), current_user) \\gexec
    """

  @Test(
    "in a superuser's database schema public stays, and nobody is told to lend the superuser",
    arguments: ServerName.stock)
  func databaseOfSuperuser(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.superusersDatabase)
      let superuser = database.server.superuser.user
      let plan = try await expectCure(database, as: .master)
      let statements = plan.missing.map(\.statement)
      #expect(
        statements.contains { $0.hasPrefix("GRANT USAGE, CREATE ON SCHEMA \"public\"") }, "\(statements)")
      #expect(!statements.contains { $0.hasPrefix("GRANT \"\(superuser)\"") }, "\(statements)")
      let owners = try await database.psql(
        """
        SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'public';
        SELECT relowner::regrole FROM pg_class WHERE relname = 'customers'
        """)
      #expect(owners == "pg_database_owner\n\(database.ownerRole)")
    }
  }

  @Test(
    "in a database of RDS's own superuser, who may let others create in public is asked",
    arguments: ServerName.likeRDS)
  func databaseOfTheService(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.superusersDatabase)
      let superuser = database.server.superuser.user
      let refused = try await database.setup("plan", Self.options)
      #expect(refused.status == 1, "\(refused.output)")
      #expect(!refused.output.contains("GRANT \"\(superuser)\""), "\(refused.output)")
      #expect(
        refused.stdout.contains("schema public stays with \(superuser), who owns the database"),
        "\(refused.stdout)")
      try await database.psql("GRANT ALL ON SCHEMA public TO app_old WITH GRANT OPTION")
      _ = try await expectCure(database, as: .master)
      // What nobody but the superuser may give is not asked of the login either.
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      try await database.psql("REVOKE CONNECT ON DATABASE \(database.name) FROM PUBLIC")
      try await database.psql("GRANT CONNECT ON DATABASE \(database.name) TO postgres")
      let closed = try await database.setup("plan", Self.options)
      #expect(closed.status == 1, "\(closed.output)")
      #expect(!closed.output.contains("GRANT \"\(superuser)\""), "\(closed.output)")
      #expect(closed.stdout.contains("GRANT CONNECT ON DATABASE"), "\(closed.stdout)")
    }
  }

  @Test("there is no script for a plan that would be refused")
  func noScript() async throws {
    try await TestDatabase.run(on: .pg15Stock) { database in
      try await database.psql(Self.superusersDatabase)
      let plan = try await database.setup("plan", Self.options + ["--format", "sql"], as: .master)
      #expect(plan.status == 1)
      #expect(plan.stdout == "", "\(plan.stdout)")
      #expect(plan.stderr.contains("GRANT USAGE, CREATE ON SCHEMA \"public\""), "\(plan.stderr)")
    }
  }
}
