import Testing

/// Two databases, each moved with a journal of its own, use the same roles, and the first is reverted.
@Suite("Revert while another database uses the same roles")
struct RevertSharedTests {
  static let team = ["--owner-role", "team", "--create-owner-role", "--keep-access", "app_old"]

  /// How two databases come to depend on the same roles.
  struct Sharing: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var options: [String]
    var roles = ""
    /// What somebody does before the first revert; `$2` is the second database.
    var meanwhile = ""
    /// Who works in the second database, and as whom.
    var workers: [[String]]
  }

  static let sharings = [
    Sharing(
      testDescription: "an owner role", options: team, workers: [["iamuser", "team"], ["app_old", "team"]]),
    Sharing(
      testDescription: "an owner role that existed before",
      options: ["--owner-role", "team", "--keep-access", "app_old"], roles: "CREATE ROLE team",
      workers: [["iamuser", "team"], ["app_old", "team"]]),
    Sharing(
      testDescription: "an owner role that the login becomes in every database", options: team,
      meanwhile: "ALTER ROLE iamuser IN DATABASE $2 RESET role; ALTER ROLE iamuser SET role = team",
      workers: [["iamuser", "team"]]),
    Sharing(
      testDescription: "the login alone, which becomes another role in every database", options: [],
      meanwhile: "ALTER ROLE iamuser IN DATABASE $2 RESET role; ALTER ROLE iamuser SET role = $2_owner",
      workers: [["iamuser", "$2_owner"]]),
    Sharing(
      testDescription: "an adopted login that owns the objects",
      options: ["--mode", "direct", "--adopt-iam-user"],
      roles: "CREATE ROLE iamuser LOGIN", workers: [["iamuser", "iamuser"]]),
    Sharing(
      testDescription: "an adopted login and an owner role", options: team + ["--adopt-iam-user"],
      roles: "CREATE ROLE iamuser LOGIN", workers: [["iamuser", "team"]]),
  ]

  @Test(
    "everybody works in the second until that is reverted, too", arguments: [ServerName.pg15RDS, .pg18RDS],
    sharings)
  func sharing(on server: ServerName, _ sharing: Sharing) async throws {
    try await TestDatabase.run(on: server) { database in
      let second = database.another("second")
      try await second.create()
      try await database.psql("CREATE ROLE app_old LOGIN PASSWORD 'app-old-password'; \(sharing.roles)")
      for moved in [database, second] {
        try await moved.psql(
          "GRANT USAGE, CREATE ON SCHEMA public TO app_old; SET ROLE app_old; CREATE TABLE t (id integer NOT NULL)"
        )
      }
      let before = try await (database.dump(), second.dump())
      for moved in [database, second] {
        let apply = try await moved.setup(
          "apply", ["--iam-user", "iamuser", "--yes"] + sharing.options,
          journal: "\(moved.folder)/\(moved.name)")
        #expect(apply.status == 0, "\(apply.output)")
      }
      try await database.psql(sharing.meanwhile.replacing("$2", with: second.name))
      let revert = try await Self.revert(database)
      #expect(
        revert.stdout.contains("another database") || revert.stdout.contains("is kept"), "\(revert.stdout)")
      try await Self.expectWork(sharing, second)
      let again = try await Self.revert(database)
      #expect(again.stdout.contains("Nothing to undo"), "\(again.stdout)")
      try await Self.expectWork(sharing, second)
      _ = try await Self.revert(second)
      _ = try await Self.revert(database)
      let left = try await (database.dump(), second.dump())
      #expect(left.0.differences(from: before.0) + left.1.differences(from: before.1) == [])
    }
  }

  @Test(
    "what an adopted login owned elsewhere before does not keep it in rds_iam",
    arguments: [ServerName.pg15RDS, .pg18RDS], ["owner-role", "direct"])
  func ownedBefore(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      let second = database.another("second")
      try await second.create()
      try await database.psql(
        "CREATE ROLE app_old LOGIN; CREATE ROLE holding; CREATE ROLE iamuser LOGIN IN ROLE holding")
      for owner in ["iamuser", "holding"] {
        try await second.psql("CREATE SCHEMA \(owner) AUTHORIZATION \(owner)")
      }
      try await database.psql(
        "GRANT CREATE ON SCHEMA public TO app_old; SET ROLE app_old; CREATE TABLE t (id integer NOT NULL)")
      try await database.expectRoundTrip(
        ["--iam-user", "iamuser", "--adopt-iam-user", "--mode", mode])
    }
  }

  private static func revert(_ database: TestDatabase) async throws -> ChildProcess.Result {
    let revert = try await database.setup(
      "revert", ["--yes"], journal: "\(database.folder)/\(database.name)")
    #expect(revert.status == 0, "\(revert.output)")
    return revert
  }

  /// In the second database everybody can do everything, and the IAM user can sign in.
  private static func expectWork(_ sharing: Sharing, _ second: TestDatabase) async throws {
    let signsIn = try await second.psql(
      "SELECT count(*) FROM pg_roles WHERE rolname = 'iamuser' AND pg_has_role(oid, 'rds_iam', 'MEMBER')")
    #expect(signsIn == "1", "the IAM user cannot sign in")
    for worker in sharing.workers {
      let role = worker[1].replacing("$2", with: second.name)
      await #expect(throws: Never.self, "\(worker)") {
        try await second.psql(
          "SET SESSION AUTHORIZATION \(worker[0]); SET ROLE \(role); ALTER TABLE t ALTER id SET NOT NULL")
      }
    }
  }
}
