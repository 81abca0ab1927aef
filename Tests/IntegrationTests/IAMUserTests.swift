import Testing

@Suite("An IAM user that cannot work is refused")
struct IAMUserTests {
  @Test(
    "names that cannot be used",
    arguments: [
      ("postgres", "is the login setup itself uses"),
      ("pg_app", "names that begin with pg_ are reserved"),
      ("rdsapp", "names that begin with rds are reserved"),
      (String(repeating: "é", count: 32), "64 bytes long; PostgreSQL cuts names at 63"),
      ("", "--iam-user is empty"),
    ])
  func names(name: String, message: String) async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.expectRefusal(64, message, of: ["--iam-user", name])
    }
  }

  @Test("a name of 63 bytes, with everything that has to be quoted, works")
  func longName() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.fillWithAwkwardObjects()
      let name = "a \"b\".c'd\\🐘" + String(repeating: "é", count: 24) + "x"
      #expect(name.utf8.count == 63)
      for mode in ["owner-role", "direct"] {
        try await database.expectRoundTrip(["--iam-user", name, "--mode", mode])
      }
    }
  }

  @Test("a superuser", arguments: [ServerName.pg15RDS, .pg18Stock])
  func superuser(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql("CREATE ROLE boss LOGIN SUPERUSER")
      try await database.expectRefusal(
        1, "role boss is a superuser", "does not match superusers", of: ["--iam-user", "boss"])
    }
  }

  @Test(
    "a role that is limited",
    arguments: [
      ("NOLOGIN", "is NOLOGIN", "ALTER ROLE \"app_iam\" LOGIN"),
      ("LOGIN VALID UNTIL '2030-01-01'", "VALID UNTIL '2030-01-01", "VALID UNTIL 'infinity'"),
      ("LOGIN CONNECTION LIMIT 5", "CONNECTION LIMIT 5", "CONNECTION LIMIT -1"),
    ])
  func limits(attributes: String, message: String, fix: String) async throws {
    try await TestDatabase.run(on: .pg16RDS) { database in
      try await database.psql("CREATE ROLE app_iam \(attributes)")
      try await database.expectRefusal(
        1, "role app_iam", message, fix, of: ["--iam-user", "app_iam", "--adopt-iam-user"])
    }
  }

  @Test("a role with a password, seen by a superuser", arguments: ServerName.stock)
  func password(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql("CREATE ROLE app_iam LOGIN PASSWORD 'still in use'")
      try await database.expectRefusal(
        1, "role app_iam has a password, which stops working", "PASSWORD NULL", of: ["--iam-user", "app_iam"])
    }
  }

  @Test("a role whose password the master may not see, unless it is adopted", arguments: ServerName.likeRDS)
  func unknownPassword(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      try await database.psql("CREATE ROLE app_iam LOGIN PASSWORD 'nobody uses it'")
      try await database.expectRefusal(
        1, "may not see whether it has a password", "--adopt-iam-user", of: ["--iam-user", "app_iam"])
      try await database.expectRoundTrip(["--iam-user", "app_iam", "--adopt-iam-user"])
    }
  }
}
