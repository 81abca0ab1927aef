import Testing

@Suite("Moving a database to IAM and back")
struct MoveTests {
  /// Server and mode, for every combination.
  static let moves = ServerName.allCases.flatMap { server in ["owner-role", "direct"].map { (server, $0) } }
  static let options = ["--iam-user", "iamuser", "--keep-access", "app_old"]

  @Test("everything gets the new owner, a second plan is empty, verify agrees", arguments: moves)
  func apply(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      let options = Self.options + ["--mode", mode]
      let owner = mode == "direct" ? "iamuser" : database.ownerRole
      let extensions = try await database.extensionOwners()

      let plan = try await database.setup("plan", options + ["--detailed-exitcode"])
      #expect(plan.status == 2, "\(plan.output)")
      let apply = try await database.setup("apply", options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      let second = try await database.setup("plan", options + ["--detailed-exitcode"])
      #expect(second.status == 0, "\(second.output)")
      #expect(second.stdout.contains("No changes."))
      let verify = try await database.setup("verify", options)
      #expect(verify.status == 0, "\(verify.output)")

      let expected = (server.isLikeRDS ? ["relation administrators_own"] : []) + ["routine latest_run()"]
      let others = try await database.objectsNotOwned(by: owner)
      #expect(others == expected)
      let after = try await database.extensionOwners()
      #expect(after == extensions)
    }
  }

  @Test(
    "the superuser's table is reported as skipped, and on RDS nobody is told to be a superuser",
    arguments: ServerName.likeRDS)
  func skipped(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      let plan = try SetupDocument(try await database.setup("plan", Self.options + ["--format", "json"]))
      #expect(plan.skipped.map(\.object) == ["public.administrators_own", "public.latest_run()"])
      #expect(plan.skipped.first?.reason == "owned by the superuser rdsadmin")
      let fix = try #require(plan.skipped.first?.fix)
      #expect(fix.hasPrefix("only the service can change its owner"))
    }
  }

  @Test("revert restores schema and roles byte for byte", arguments: moves)
  func revert(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      try await database.expectRoundTrip(Self.options + ["--mode", mode])
    }
  }

  @Test("revert restores what was moved on request", arguments: moves)
  func revertIncluded(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      // Only a superuser moves a publication to somebody who may not create in the database.
      let kinds = Self.kindsOnRequest + (server.isLikeRDS ? [] : ["publication"])
      let includes = kinds.flatMap { ["--include", $0] }
      try await database.expectRoundTrip(Self.options + ["--mode", mode] + includes)
    }
  }

  /// Kinds that `--include` takes, but `publication`.
  static let kindsOnRequest = [
    "collation", "conversion", "operator", "operator-class", "operator-family", "text-search-configuration",
    "text-search-dictionary", "statistics", "large-object", "foreign-server", "database",
    "default-privileges",
  ]
}
