import Postgres
import Testing

@Suite("Nobody is locked out")
struct LockOutTests {
  @Test("the master's password works every 50 ms through apply and revert", arguments: MoveTests.moves)
  func passwordKeepsWorking(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      try await database.psql(
        """
        GRANT CREATE ON SCHEMA public TO app_old;
        SET ROLE app_old;
        DO $$ BEGIN FOR i IN 1..300 LOOP EXECUTE format('CREATE TABLE t%s (id serial PRIMARY KEY)', i); END LOOP; END $$
        """)
      let logins = try await PasswordLogins.during(database.server, database: database.name) {
        // Small batches: many commits, each of which could lock somebody out.
        let apply = try await database.setup(
          "apply", MoveTests.options + ["--mode", mode, "--batch-locks", "60", "--yes"])
        #expect(apply.status == 0, "\(apply.output)")
        let revert = try await database.setup("revert", ["--batch-locks", "60", "--yes"])
        #expect(revert.status == 0, "\(revert.output)")
      }
      #expect(logins.failures == [])
      #expect(logins.count > 10)
    }
  }

  /// The commands that people follow today, with what they do next when `ALTER SCHEMA` answers
  /// `must be member of role "iamuser"`.
  static let recipes: [(ServerName, asMaster: String, asSuperuser: String)] =
    (ServerName.likeRDS + [.pg15Stock]).map {
      (
        $0,
        """
        CREATE USER iamuser LOGIN;
        GRANT rds_iam TO iamuser;
        GRANT iamuser TO postgres;
        ALTER SCHEMA public OWNER TO iamuser;
        """, ""
      )
    }
    + [ServerName.pg16Stock, .pg18Stock].map {
      ($0, "CREATE USER iamuser LOGIN;", "GRANT rds_iam TO iamuser;")
    }

  @Test("the commands that people follow by hand lock the master out", arguments: recipes)
  func byHand(on server: ServerName, asMaster: String, asSuperuser: String) async throws {
    try await TestDatabase.run(on: server) { database in
      let before = try await database.server.connect(.master, database: database.name)
      try await before.execute("SELECT 1")
      try await database.psql(asMaster, as: .master)
      try await database.psql(asSuperuser)
      let refusal = await #expect(throws: PostgresError.self) {
        _ = try await database.server.connect(.master, database: database.name)
      }
      let message = refusal?.message ?? ""
      #expect(
        message.contains("PAM authentication failed for user \"postgres\"")
          || message.contains("pg_hba.conf rejects"),
        "\(message)")
    }
  }

  @Test(
    "a login that would become a member of rds_iam is named with its path", arguments: ServerName.allCases)
  func existingMember(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      try await database.psql(
        "CREATE ROLE iamuser LOGIN; CREATE ROLE team; GRANT iamuser TO team; GRANT team TO app_old")
      let options = ["--iam-user", "iamuser", "--adopt-iam-user"]
      try await database.expectRefusal(
        1, "app_old → team → iamuser → rds_iam", "locked out", "REVOKE", of: options)
    }
  }

  @Test(
    "a master that is a member of the IAM user already is refused, in both modes",
    arguments: MoveTests.moves.filter { $0.0.isLikeRDS })
  func masterIsMember(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      try await database.psql("CREATE ROLE iamuser LOGIN; GRANT iamuser TO postgres")
      try await database.expectRefusal(
        1, "postgres → iamuser → rds_iam",
        of: ["--iam-user", "iamuser", "--adopt-iam-user", "--mode", mode])
      _ = try await database.server.connect(.master, database: database.name)
    }
  }

  @Test("an IAM user that is a member of the master", arguments: MoveTests.moves.filter { $0.0.isLikeRDS })
  func memberOfMaster(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      try await database.psql("CREATE ROLE iamuser LOGIN; GRANT postgres TO iamuser")
      let options = ["--iam-user", "iamuser", "--adopt-iam-user", "--mode", mode]
      if mode == "direct" {
        // The master would have to become its member's member.
        try await database.expectRefusal(1, "iamuser", of: options)
      } else {
        try await database.expectRoundTrip(options)
      }
      _ = try await database.server.connect(.master, database: database.name)
    }
  }

  @Test("verify names a login that became a member of rds_iam since")
  func laterMember() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fillWithAwkwardObjects()
      let apply = try await database.setup("apply", MoveTests.options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await database.psql("CREATE ROLE team; GRANT iamuser TO team; GRANT team TO app_old")
      let verify = try await database.setup("verify", MoveTests.options + ["--journal", database.journal])
      #expect(verify.status == 1, "\(verify.output)")
      #expect(verify.stdout.contains("app_old → team → iamuser → rds_iam"), "\(verify.output)")
    }
  }

  @Test(
    "the IAM user logs in with a token over verify-full and acts as the owner",
    arguments: [ServerName.pg15RDS, .pg15Stock])
  func tokenLogin(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      let apply = try await database.setup("apply", MoveTests.options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      let aws = try await Sandbox.aws()
      var environment = database.server.environment(.master, database: database.name)
      environment["AWS_REGION"] = aws.region
      environment["AWS_ACCESS_KEY_ID"] = aws.accessKeyId
      environment["AWS_SECRET_ACCESS_KEY"] = aws.secretAccessKey
      let verify = try await CommandLineTool.run(
        ["setup", "verify", "--login"] + MoveTests.options, environment: environment)
      #expect(verify.status == 0, "\(verify.output)")
      #expect(
        verify.stdout.contains(
          "iamuser logged in with a token over verify-full, and is \(database.ownerRole) now"))
    }
  }
}
