import Testing

/// The only database of a journal has been dropped: what setup did to roles is still there.
@Suite("Revert after the database was dropped")
struct DroppedDatabaseTests {
  static let servers: [ServerName] = [.pg15RDS, .pg18RDS]
  static let options = ["--iam-user", "iamuser", "--keep-access", "app_old"]

  @Test(
    "the roles are reverted from any other database, or one of the same name", arguments: servers,
    ["another", "recreated"])
  func dropped(on server: ServerName, from: String) async throws {
    try await TestDatabase.run(on: server) { database in
      let second = database.another("second")
      try await second.create()
      try await database.psql(RevertHistoryTests.shop)
      let before = try await second.dump()
      let apply = try await database.setup("apply", Self.options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await second.psql("DROP DATABASE \(database.name)")
      if from == "recreated" {
        try await database.server.psql("CREATE DATABASE \(database.name) OWNER postgres")
        try await database.psql("CREATE TABLE innocent (id integer)")
      }
      let place = from == "recreated" ? database : second
      let revert = try await RevertHistoryTests.expectReverted(place)
      #expect(revert.stdout.contains("database \(database.name) no longer exists"), "\(revert.stdout)")
      let left = try await second.dump().differences(from: before)
      #expect(left == [])
    }
  }

  @Test(
    "apply in a new database of the same name says that the first one was dropped, not that this is another server"
  )
  func recreated() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.psql(RevertHistoryTests.shop)
      let first = try await database.setup("apply", Self.options + ["--yes"])
      #expect(first.status == 0, "\(first.output)")
      try await database.server.psql("DROP DATABASE \(database.name)")
      try await database.create()
      let second = try await database.setup("apply", Self.options + ["--yes"])
      #expect(second.status == 64, "\(second.output)")
      #expect(
        second.output.contains("which has been dropped: this is another one of its name"), "\(second.output)")
      let revert = try await RevertHistoryTests.expectReverted(database)
      #expect(revert.stdout.contains("iamuser of rds_iam"), "\(revert.stdout)")
      let again = try await database.setup(
        "apply", Self.options + ["--yes"], journal: "\(database.folder)/new")
      #expect(again.status == 0, "\(again.output)")
    }
  }
}
