import Testing

@Suite("A stock server's master, who is not a superuser")
struct StockMasterTests {
  static let options = ["--iam-user", "iamuser", "--keep-access", "app_old"]

  @Test("on 15 the master moves everything and back", arguments: ["owner-role", "direct"])
  func postgres15(mode: String) async throws {
    try await TestDatabase.run(on: .pg15Stock) { database in
      try await database.fillWithAwkwardObjects()
      try await database.expectRoundTrip(Self.options + ["--mode", mode], as: .master)
    }
  }

  @Test(
    "from 16 on the master is refused before the first change, with the statements that are missing",
    arguments: [ServerName.pg16Stock, .pg18Stock], ["owner-role", "direct"])
  func refused(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      let options = Self.options + ["--mode", mode]
      let before = try await database.dump()

      let refused = try await database.setup("apply", options + ["--yes", "--format", "json"], as: .master)
      #expect(refused.status == 1, "\(refused.output)")
      #expect(!database.hasJournal)
      let changed = try await database.dump().differences(from: before)
      #expect(changed == [])
      let document = try SetupDocument(refused)
      #expect(document.blocked)
      let statements = document.missing.map(\.statement)
      #expect(statements.contains("GRANT \"rds_iam\" TO \"iamuser\""), "\(statements)")

      let plan = try await database.setup("plan", options, as: .master)
      #expect(plan.status == 1)
      for statement in statements { #expect(plan.stdout.contains("\(statement);")) }
    }
  }

  @Test(
    "once a superuser has run exactly the missing statements, the same master applies",
    arguments: [ServerName.pg16Stock, .pg18Stock])
  func allowed(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      let refused = try await database.setup("plan", Self.options + ["--format", "json"], as: .master)
      #expect(refused.status == 1)
      let missing = try SetupDocument(refused).missing.map(\.statement)
      try await database.psql(missing.map { "\($0);\n" }.joined())

      let before = try await database.dump()
      let apply = try await database.setup("apply", Self.options + ["--yes"], as: .master)
      #expect(apply.status == 0, "\(apply.output)")
      let others = try await database.objectsNotOwned(by: database.ownerRole)
      #expect(others == ["relation administrators_own", "routine latest_run()"])
      let verify = try await database.setup("verify", Self.options, as: .master)
      #expect(verify.status == 0, "\(verify.output)")
      _ = try await database.server.connect(.master, database: database.name)

      let revert = try await database.setup("revert", ["--yes"], as: .master)
      #expect(revert.status == 0, "\(revert.output)")
      let left = try await database.dump().differences(from: before)
      #expect(left == [])
    }
  }
}
