import Foundation
import Postgres
import Testing

@Suite("A GRANT that another session has not committed yet")
struct OpenGrantTests {
  static let options = ["--iam-user", "iamuser", "--adopt-iam-user", "--lock-timeout", "1s", "--yes"]
  static let servers = [ServerName.pg15RDS, .pg16RDS, .pg18RDS, .pg18Stock]

  /// bob has a password, and a transaction that makes him a member of `role` is open.
  private static func openGrant(
    of role: String, to member: String = "bob", _ database: TestDatabase
  ) async throws -> Session {
    let session = try await database.server.connect(
      .superuser, database: database.name, application: "somebody else")
    try await session.execute("BEGIN; GRANT \(role) TO \(member)")
    return session
  }

  static func members(_ database: TestDatabase) async throws -> String {
    try await database.psql(
      """
      WITH RECURSIVE inside(oid) AS (
        SELECT 'rds_iam'::regrole::oid UNION SELECT m.member FROM pg_auth_members m JOIN inside ON m.roleid = inside.oid)
      SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles JOIN inside USING (oid) WHERE rolcanlogin
      """)
  }

  private static let roles = """
    CREATE TABLE t (); CREATE ROLE iamuser LOGIN; CREATE ROLE team; CREATE ROLE bob LOGIN PASSWORD 'secret';
    """

  /// The edge of bob's path to rds_iam that is open, and what is there already; `app_owner` is made by setup.
  static let edges = [
    (open: ("iamuser", "bob"), before: "", path: "bob → iamuser → rds_iam"),
    (open: ("iamuser", "team"), before: "GRANT team TO bob", path: "bob → team → iamuser → rds_iam"),
    (open: ("team", "bob"), before: "GRANT iamuser TO team", path: "bob → team → iamuser → rds_iam"),
    (
      open: ("rds_iam", "their_owner"), before: "CREATE ROLE their_owner", path: "bob → their_owner → rds_iam"
    ),
  ]

  @Test(
    "is waited for; committed, it is found whatever its place in the path, and setup grants nothing",
    arguments: servers, 0..<4)
  func committed(on server: ServerName, edge number: Int) async throws {
    let edge = Self.edges[number]
    try await TestDatabase.run(on: server) { database in
      try await database.psql("\(Self.roles) \(edge.before)")
      var options = Self.options
      if number == 3 { options += ["--owner-role", "their_owner", "--keep-access", "bob"] }
      let other = try await Self.openGrant(of: edge.open.0, to: edge.open.1, database)
      let apply = try await database.setup("apply", options) { _ in
        try await Task.sleep(for: .seconds(1))
        try await other.execute("COMMIT")
      }
      #expect(apply.status == 1, "\(apply.output)")
      #expect(apply.output.contains(edge.path), "\(apply.output)")
      let members = try await Self.members(database)
      #expect(!members.contains("bob"), "\(members); \(apply.output)")
    }
  }

  @Test("is waited for; rolled back, it is in nobody's way", arguments: servers)
  func rolledBack(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.roles)
      let other = try await Self.openGrant(of: "iamuser", database)
      let apply = try await database.setup("apply", Self.options) { _ in
        try await Task.sleep(for: .seconds(1))
        try await other.execute("ROLLBACK")
      }
      #expect(apply.status == 0, "\(apply.output)")
      #expect(try await Self.members(database) == "iamuser")
    }
  }

  @Test(
    "that stays open ends setup before it grants rds_iam, and is named", arguments: servers,
    ["owner-role", "direct"])
  func staysOpen(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.roles)
      let other = try await Self.openGrant(of: "iamuser", database)
      let options = Self.options + ["--mode", mode]
      let apply = try await database.setup("apply", options)
      #expect(apply.status == 1, "\(apply.output)")
      #expect(
        apply.output.contains("pid \(other.backendPID) (somebody else, rdsadmin, idle in transaction"),
        "\(apply.output)")
      try await other.execute("COMMIT")
      #expect(try await Self.members(database) == "")
      let again = try await database.setup("apply", options)
      #expect(again.status == 1 && again.output.contains("bob → iamuser → rds_iam"), "\(again.output)")
    }
  }

  @Test("of something else holds nobody up", arguments: [ServerName.pg16RDS, .pg18Stock])
  func unrelated(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql("\(Self.roles) CREATE ROLE other")
      let other = try await Self.openGrant(of: "other", database)
      let apply = try await database.setup("apply", Self.options)
      #expect(apply.status == 0, "\(apply.output)")
      try await other.execute("COMMIT")
    }
  }

  @Test(
    "comes too late when setup was first: it waits for setup", arguments: [ServerName.pg16RDS, .pg18Stock])
  func later(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.roles)
      let setup = try await database.server.connect(.superuser, database: database.name)
      // What setup's transaction does.
      try await setup.execute("BEGIN; GRANT rds_iam TO iamuser; REVOKE rds_iam, iamuser FROM rds_iam")
      let other = try await database.server.connect(.superuser, database: database.name)
      await #expect(throws: PostgresError.self) {
        try await other.execute("BEGIN; SET LOCAL lock_timeout = 300; GRANT iamuser TO bob")
      }
    }
  }

  @Test("is what verify cannot see through, and says so", arguments: [ServerName.pg15RDS, .pg18RDS])
  func verify(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.roles)
      let apply = try await database.setup("apply", Self.options)
      #expect(apply.status == 0, "\(apply.output)")
      let options = ["--iam-user", "iamuser", "--lock-timeout", "1s"]
      let before = try await database.setup("verify", options)
      #expect(before.status == 0, "\(before.output)")
      let other = try await Self.openGrant(of: "iamuser", database)
      let meanwhile = try await database.setup("verify", options)
      #expect(meanwhile.status == 3, "\(meanwhile.output)")
      #expect(meanwhile.output.contains("pid \(other.backendPID)"), "\(meanwhile.output)")
      try await other.execute("COMMIT")
      let after = try await database.setup("verify", options + ["--journal", database.journal])
      #expect(after.status == 1 && after.output.contains("bob → iamuser → rds_iam"), "\(after.output)")
    }
  }
}
