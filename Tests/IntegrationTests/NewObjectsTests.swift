import Postgres
import Testing

/// What is created after a move, while applications go over one by one.
@Suite("New objects while a move is in progress")
struct NewObjectsTests {
  static let options = ["--iam-user", "iamuser", "--keep-access", "app"]

  static let application = """
    CREATE ROLE app LOGIN PASSWORD 'app';
    CREATE ROLE reader LOGIN PASSWORD 'reader';
    CREATE SCHEMA other AUTHORIZATION app;
    GRANT USAGE, CREATE ON SCHEMA public TO app;
    ALTER DEFAULT PRIVILEGES FOR ROLE app IN SCHEMA public GRANT SELECT ON TABLES TO reader;
    ALTER DEFAULT PRIVILEGES FOR ROLE app REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
    SET ROLE app;
    CREATE TABLE customers (id serial PRIMARY KEY, name text);
    RESET ROLE;
    """

  /// Creates, as somebody, what others are to use.
  private static func create(_ name: String, _ database: TestDatabase, as roles: String) async throws {
    try await database.psql(
      """
      \(roles)
      CREATE TABLE \(name) (id serial PRIMARY KEY, name text);
      CREATE SEQUENCE \(name)_numbers;
      CREATE VIEW \(name)_names AS SELECT name FROM \(name);
      CREATE FUNCTION \(name)_count() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM \(name)';
      """)
  }

  private static func use(_ name: String, _ database: TestDatabase, as roles: String) async throws {
    let answer = try await database.psql(
      """
      \(roles)
      INSERT INTO \(name) (name) VALUES ('Ada');
      UPDATE \(name) SET name = 'Grace';
      SELECT name FROM \(name)_names;
      SELECT nextval('\(name)_numbers');
      SELECT \(name)_count();
      DELETE FROM \(name);
      """)
    #expect(answer == "Grace\n1\n1")
  }

  @Test(
    "a role that keeps access and the IAM user use what the other one creates, and revert leaves no trace",
    arguments: ServerName.allCases, ["owner-role", "direct"])
  func bothWays(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.application)
      let before = try await database.dump()
      let options = Self.options + ["--mode", mode, "--schema", "public", "--schema", "other"]
      let plan = try SetupDocument(try await database.setup("plan", options + ["--format", "json"]))
      #expect(!plan.losses.contains { $0.kind == "defaults" })
      let owner = mode == "direct" ? "iamuser" : database.ownerRole
      let given = plan.changes.filter { $0.step == "default-privileges" }.map(\.sql)
      let tables = given.filter {
        $0.hasPrefix("ALTER DEFAULT PRIVILEGES FOR ROLE \"app\" IN SCHEMA \"other\" GRANT ")
      }
      #expect(tables.contains { $0.hasSuffix(" ON TABLES TO \"\(owner)\"") }, "\(given)")
      let apply = try await database.setup("apply", options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      let second = try await database.setup("plan", options + ["--detailed-exitcode"])
      #expect(second.status == 0, "\(second.output)")
      let verify = try await database.setup("verify", options)
      #expect(verify.status == 0, "\(verify.output)")

      let iamUser =
        "SET SESSION AUTHORIZATION iamuser;" + (mode == "direct" ? "" : "SET ROLE \(database.ownerRole);")
      let app = "SET SESSION AUTHORIZATION app;"
      for schema in ["public", "other"] {
        try await Self.create("\(schema).later", database, as: app)
        try await Self.use("\(schema).later", database, as: iamUser)
        try await Self.create("\(schema).newer", database, as: iamUser)
        try await Self.use("\(schema).newer", database, as: app)
      }
      try await database.psql("SET SESSION AUTHORIZATION reader; SELECT * FROM later")

      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      #expect(!revert.output.contains("is kept"), "\(revert.output)")
      try await database.psql("SET SESSION AUTHORIZATION reader; SELECT * FROM later")
      let app2 = try await database.psql(
        "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname IN ('public', 'other')")
      #expect(app2 == "app")
      try await database.psql(
        """
        DROP TABLE later, newer, other.later, other.newer CASCADE;
        DROP SEQUENCE later_numbers, newer_numbers, other.later_numbers, other.newer_numbers;
        DROP FUNCTION later_count(), newer_count(), other.later_count(), other.newer_count();
        """)
      let left = try await database.dump().differences(from: before)
      #expect(left == [])
    }
  }

  @Test(
    "a later apply moves what a role that keeps access has created, and revert still takes back what came with it",
    arguments: [ServerName.pg15RDS, .pg18RDS, .pg16Stock], ["owner-role", "direct"])
  func movedLater(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      // The new owner exists, and has been given something before.
      try await database.psql(
        Self.application
          + """
          CREATE ROLE iamuser LOGIN;
          CREATE ROLE successor NOLOGIN;
          GRANT SELECT ON customers TO successor, iamuser;
          GRANT ALL ON SCHEMA public TO reader;
          SET ROLE reader;
          CREATE TABLE low (id integer);
          CREATE VIEW spy AS SELECT name FROM customers;
          GRANT SELECT ON spy TO PUBLIC, successor, iamuser;
          RESET ROLE;
          """)
      let before = try await database.dump()
      let options =
        Self.options + ["--keep-access", "reader"]
        + (mode == "direct" ? ["--mode", mode] : ["--owner-role", "successor"]) + ["--adopt-iam-user"]
      // Somebody has this one locked, so that it stays for now.
      let reader = try await database.server.connect(.superuser, database: database.name)
      try await reader.execute("BEGIN; SELECT FROM customers")
      let first = try await database.setup("apply", options + ["--yes", "--lock-timeout", "100ms"])
      #expect(first.status == 1 && first.output.contains("public.customers"), "\(first.output)")
      try await reader.execute("ROLLBACK")
      try await Self.create("later", database, as: "SET SESSION AUTHORIZATION app;")
      let second = try await database.setup("apply", options + ["--yes"])
      #expect(second.status == 0, "\(second.output)")
      let owners = try await database.psql(
        "SELECT DISTINCT tableowner FROM pg_tables WHERE tablename IN ('customers', 'later')")
      #expect(owners == (mode == "direct" ? "iamuser" : "successor"))
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      try await database.psql(
        "DROP TABLE later CASCADE; DROP SEQUENCE later_numbers; DROP FUNCTION later_count()")
      let left = try await database.dump().differences(from: before)
      #expect(left == [])
    }
  }

  @Test(
    "what others have changed of it since stays: a default that they revoked, extended, or an object's privileges",
    arguments: [ServerName.pg15RDS, .pg18RDS])
  func changedSince(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.application + "CREATE ROLE successor NOLOGIN;")
      let apply = try await database.setup(
        "apply", Self.options + ["--owner-role", "successor", "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      let defaults = "ALTER DEFAULT PRIVILEGES FOR ROLE app IN SCHEMA public"
      try await Self.create("later", database, as: "SET SESSION AUTHORIZATION app;")
      try await database.psql(
        """
        \(defaults) REVOKE DELETE ON TABLES FROM successor;
        \(defaults) GRANT USAGE ON SEQUENCES TO successor WITH GRANT OPTION;
        \(defaults) GRANT INSERT ON TABLES TO reader;
        SET ROLE app;
        REVOKE UPDATE ON later FROM successor;
        GRANT SELECT ON later TO successor WITH GRANT OPTION;
        GRANT DELETE ON later TO reader;
        """)
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      let lists = try await database.psql(
        """
        SELECT defaclobjtype, array_to_string(ARRAY(SELECT unnest(defaclacl)::text ORDER BY 1), ' ') FROM pg_default_acl
          WHERE defaclnamespace <> 0 ORDER BY 1;
        SELECT array_to_string(ARRAY(SELECT unnest(relacl)::text ORDER BY 1), ' ') FROM pg_class WHERE relname = 'later';
        """)
      let all = server == .pg18RDS ? "arwdDxtm" : "arwdDxt"
      #expect(lists == "S|successor=U*/app\nr|reader=ar/app\napp=\(all)/app reader=rd/app successor=r*/app")
    }
  }

  @Test("where the master may not speak for a role, the plan names the statement, and goes on without it")
  func masterWithoutMembership() async throws {
    try await TestDatabase.run(on: .pg16Stock) { database in
      try await database.psql(
        """
        CREATE ROLE iamuser LOGIN;
        GRANT rds_iam TO iamuser;
        CREATE ROLE successor NOLOGIN;
        GRANT successor TO postgres WITH ADMIN OPTION;
        GRANT successor TO iamuser;
        CREATE ROLE app LOGIN;
        ALTER ROLE iamuser IN DATABASE \(database.name) SET role = 'successor';
        """)
      try await database.psql("CREATE TABLE customers (id integer)", as: .master)
      let options = Self.options + ["--owner-role", "successor"]
      let plan = try SetupDocument(
        try await database.setup("plan", options + ["--format", "json"], as: .master))
      #expect(plan.missing.isEmpty && !plan.blocked, "\(plan.missing) \(plan.guards)")
      #expect(plan.losses.contains { $0.kind == "defaults" && $0.message.contains("app creates") })
      let apply = try await database.setup("apply", options + ["--yes"], as: .master)
      #expect(apply.status == 0, "\(apply.output)")
      let second = try await database.setup("plan", options + ["--detailed-exitcode"], as: .master)
      #expect(second.status == 0, "\(second.output)")
      let loss = try #require(plan.losses.first { $0.kind == "defaults" })
      let statements = try #require(loss.fix?.firstMatch(of: /As app: (.*)/)?.1)
      try await Self.create(
        "later", database,
        as: "GRANT CREATE ON SCHEMA public TO app; SET SESSION AUTHORIZATION app; \(statements);")
      try await Self.use("later", database, as: "SET SESSION AUTHORIZATION iamuser; SET ROLE successor;")
      let third = try SetupDocument(
        try await database.setup("plan", options + ["--format", "json"], as: .master))
      #expect(!third.losses.contains { $0.kind == "defaults" }, "\(third.losses)")
    }
  }

  @Test(
    "the plan as a script does the same, and leaves nothing to do", arguments: [ServerName.pg15RDS, .pg18RDS])
  func script(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.application)
      let script = try await database.setup("plan", Self.options + ["--format", "sql"])
      #expect(script.status == 0, "\(script.output)")
      try await database.psql(script.stdout, as: server.administrator)
      try await Self.create("later", database, as: "SET SESSION AUTHORIZATION app;")
      try await Self.use(
        "later", database, as: "SET SESSION AUTHORIZATION iamuser; SET ROLE \(database.ownerRole);")
      try await database.psql(
        "DROP TABLE later CASCADE; DROP SEQUENCE later_numbers; DROP FUNCTION later_count()")
      let second = try await database.setup("plan", Self.options + ["--detailed-exitcode"])
      #expect(second.status == 0, "\(second.output)")
    }
  }
}
