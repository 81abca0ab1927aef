import Testing

@Suite("A plan")
struct PlanTests {
  @Test("changes nothing, in no mode and no format", arguments: [ServerName.pg15RDS, .pg16Stock])
  func changesNothing(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      let before = try await database.dump()
      for mode in ["owner-role", "direct"] {
        for format in ["text", "json", "sql"] {
          let plan = try await database.setup(
            "plan", MoveTests.options + ["--mode", mode, "--format", format])
          #expect(plan.status == 0, "\(plan.output)")
        }
      }
      let changed = try await database.dump().differences(from: before)
      #expect(changed == [])
      #expect(!database.hasJournal)
    }
  }
}
