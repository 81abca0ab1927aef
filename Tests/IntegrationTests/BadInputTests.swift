import Foundation
import Testing

@Suite("What cannot work is refused, and nothing is changed")
struct BadInputTests {
  static let options = ["--iam-user", "iamuser"]

  @Test("no such database")
  func database() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      let result = try await database.setup("apply", Self.options + ["-d", "nowhere", "--yes"])
      #expect(result.status == 64)
      #expect(result.stderr.contains("database \"nowhere\" does not exist"))
      #expect(result.stderr.contains("psql -l lists the databases"))
      #expect(!database.hasJournal)
    }
  }

  @Test("no such schema")
  func schema() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.expectRefusal(
        64, "no schema \"Public\"", "case-sensitive",
        of: Self.options + ["--schema", "public", "--schema", "Public"])
    }
  }

  @Test("no such owner role")
  func ownerRole() async throws {
    try await TestDatabase.run(on: .pg16RDS) { database in
      try await database.expectRefusal(
        64, "no role nobody on this server", "--create-owner-role",
        of: Self.options + ["--owner-role", "nobody"])
    }
  }

  @Test("an owner role that is a superuser, or a member of rds_iam")
  func unsafeOwnerRole() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.psql(
        "CREATE ROLE boss SUPERUSER; CREATE ROLE tokens_only; GRANT rds_iam TO tokens_only")
      try await database.expectRefusal(
        1, "owner role boss is a superuser", of: Self.options + ["--owner-role", "boss"])
      try await database.expectRefusal(
        1, "tokens_only → rds_iam", "no longer log in with a password",
        of: Self.options + ["--owner-role", "tokens_only"])
    }
  }

  /// Attributes and memberships of an owner role, each with what the refusal says.
  static let powers = [
    ("ALTER ROLE team CREATEROLE", "owner role team has CREATEROLE"),
    (
      "ALTER ROLE team CREATEDB REPLICATION BYPASSRLS", "owner role team has CREATEDB, REPLICATION, BYPASSRLS"
    ),
    ("ALTER ROLE team LOGIN", "owner role team can log in"),
    ("GRANT rds_superuser TO team", "owner role team is a member of rds_superuser"),
    (
      "CREATE ROLE files; GRANT pg_read_server_files TO files; GRANT files TO team",
      "team → files → pg_read_server_files"
    ),
    ("CREATE ROLE iamuser LOGIN; GRANT iamuser TO team", "iamuser cannot become a member of it"),
    ("CREATE ROLE app LOGIN; GRANT app TO team", "app cannot become a member of it"),
  ]

  @Test("an owner role with power, a login, or in a circle", arguments: powers)
  func powerfulOwnerRole(statements: String, message: String) async throws {
    try await TestDatabase.run(on: .pg16RDS) { database in
      try await database.psql("CREATE ROLE team NOLOGIN; \(statements)")
      var options = Self.options + ["--owner-role", "team", "--adopt-iam-user"]
      if statements.contains("app") { options += ["--keep-access", "app"] }
      try await database.expectRefusal(1, message, "choose another --owner-role", of: options)
    }
  }

  @Test(
    "names that are no roles' names, or another role's duty",
    arguments: [
      (["--iam-user", "public"], "public is not a role"),
      (["--iam-user", "current_user"], "current_user is a keyword"),
      (["--iam-user", "x", "--owner-role", "NONE", "--create-owner-role"], "none is not a role"),
      (["--iam-user", "x", "--keep-access", "session_user"], "session_user is a keyword"),
      (["--iam-user", "x", "--keep-access", "rds_iam"], "whose members log in with tokens"),
      (["--iam-user", "x", "--keep-access", "rds_superuser"], "the system's own"),
      (["--iam-user", "x", "--keep-access", "rdsadmin"], "superuser"),
      (["--iam-user", "x", "--rds-iam-role", "rds_superuser"], "other duties"),
      (["--iam-user", "x", "--owner-role", "x", "--create-owner-role"], "also the name of the owner role"),
      (["--iam-user", "x", "--owner-role", "postgres"], "the login setup itself uses"),
      (["--iam-user", "x", "--keep-access", "y", "--keep-access", "y"], "given twice"),
      (["--iam-user", "x", "--include", "database", "--include", "database"], "given twice"),
    ])
  func names(options: [String], message: String) async throws {
    try await TestDatabase.run(on: .pg16RDS) { database in
      try await database.expectRefusal(64, message, of: options)
    }
  }

  @Test("no such role to keep access")
  func keepAccess() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.expectRefusal(
        64, "--keep-access App_Old: no such role", "case-sensitive",
        of: Self.options + ["--keep-access", "App_Old"])
    }
  }

  @Test("IAM is not enabled on the server", arguments: [ServerName.pg15RDS, .pg18Stock])
  func noIAM(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.expectRefusal(
        1, "role nosuch does not exist: IAM database authentication is not enabled",
        "--enable-iam-database-authentication", of: Self.options + ["--rds-iam-role", "nosuch"])
    }
  }

  @Test(
    "flags that make no sense",
    arguments: [
      (["--iam-user", "x", "--schema", "public", "--all-schemas"], "exclude each other"),
      (["--iam-user", "x", "--mode", "direct", "--owner-role", "y"], "no meaning with --mode direct"),
      (["--iam-user", "x", "--batch-locks", "0"], "at least 1"),
      (["--iam-user", "x", "--lock-timeout", "soon"], "soon"),
      (["--iam-user", "x", "--include", "indexes"], "indexes"),
      ([], "--iam-user"),
    ])
  func flags(options: [String], message: String) async throws {
    try await TestDatabase.run(on: .pg16RDS) { database in
      try await database.expectRefusal(64, message, of: options)
    }
  }

  @Test("nobody is there to say yes")
  func notConfirmed() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fillWithAwkwardObjects()
      let before = try await database.dump()
      let apply = try await database.setup("apply", Self.options)
      #expect(apply.status == 64)
      #expect(apply.stderr.contains("standard input is not a terminal"))
      #expect(apply.stderr.contains("add --yes"))
      let changed = try await database.dump().differences(from: before)
      #expect(changed == [])
      #expect(!database.hasJournal)
    }
  }

  @Test("the wrong password")
  func wrongPassword() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      var environment = database.server.environment(.master, database: database.name)
      environment["PGPASSWORD"] = "not the password"
      let result = try await CommandLineTool.run(
        ["setup", "apply", "--yes", "--journal", database.journal] + Self.options, environment: environment)
      #expect(result.status == 1)
      #expect(result.stderr.contains("password authentication failed for user \"postgres\""))
      #expect(!result.output.contains("not the password"))
      #expect(!database.hasJournal)
    }
  }

  @Test("a server in recovery")
  func recovery() async throws {
    let server = try await Sandbox.server(.pg15Stock)
    try await Standby.run(bindir: server.bindir) { environment in
      let journal = FileManager.default.temporaryDirectory.appending(path: "standby-\(UUID()).journal").path
      let result = try await CommandLineTool.run(
        ["setup", "apply", "--yes", "--journal", journal] + Self.options, environment: environment)
      #expect(result.status == 1, "\(result.output)")
      #expect(result.stderr.contains("the server is in recovery"))
      #expect(result.stderr.contains("connect to the writer"))
      #expect(!FileManager.default.fileExists(atPath: journal))
    }
  }
}
