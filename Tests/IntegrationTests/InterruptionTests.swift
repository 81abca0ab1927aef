import Foundation
import Postgres
import Subprocess
import Testing

@Suite("Interrupted in the middle")
struct InterruptionTests {
  static let options = ["--iam-user", "iamuser", "--batch-locks", "200", "--yes"]

  /// Returns once some tables have the new owner.
  private static func someMoved(_ database: TestDatabase, to owner: String? = nil) async throws {
    let session = try await database.server.connect(.superuser, database: database.name)
    let deadline = ContinuousClock.now + .seconds(60)
    while ContinuousClock.now < deadline {
      let moved = try await session.query(
        "SELECT count(*) FROM pg_tables WHERE tableowner = $1 AND tablename LIKE 't%'",
        [owner ?? database.ownerRole])
      if moved.integer(0, 0) > 0 { return }
      try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("no table was moved within a minute")
  }

  @Test("Ctrl-C ends after the current batch, says how to go on, and the same command goes on")
  func controlC() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fill(tables: 3000)
      let before = try await database.dump()
      let stopped = try await database.setup("apply", Self.options) { running in
        try await Self.someMoved(database)
        running.send(.interrupt)
      }
      #expect(stopped.status == 1, "\(stopped.output.suffix(2000))")
      #expect(stopped.stdout.contains("Stopped after a finished batch"), "\(stopped.stdout.suffix(500))")
      #expect(stopped.stdout.contains("To do the rest: run the same command again"))
      #expect(stopped.stderr.contains("the current batch is finished"))
      let left = try await database.objectsNotOwned(by: database.ownerRole)
      #expect(!left.isEmpty)

      let again = try await database.setup("apply", Self.options)
      #expect(again.status == 0, "\(again.output.suffix(2000))")
      let rest = try await database.objectsNotOwned(by: database.ownerRole)
      #expect(rest == [])
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output.suffix(2000))")
      let differences = try await database.dump().differences(from: before)
      #expect(differences == [])
    }
  }

  @Test("Ctrl-C twice ends at once, says what is in force and how to go on and back, and that is so")
  func controlCTwice() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fillWithAwkwardObjects()
      let before = try await database.dump()
      // Everything else is moved; then setup waits for this table, for as long as it may.
      let reader = try await database.server.connect(.superuser, database: database.name)
      try await reader.execute("BEGIN; SELECT FROM orders")
      let ended = try await database.setupOnTerminal(
        "apply", ["--iam-user", "iamuser", "--lock-timeout", "1min", "--yes"]
      ) { terminal, running in
        try await terminal.shows("waiting for public.orders")
        running.send(.interrupt)
        try await terminal.shows("Ctrl-C once more ends at once")
        running.send(.interrupt)
      }
      let text = ended.stdout.replacing("\r\n", with: "\n")
      #expect(ended.status == 130, "\(text)")
      #expect(text.contains("Journal: \(database.journal)\n"), "\(text)")
      let summary = try #require(
        text.firstMatch(of: /In force: (\d+) changes are committed and stay/), "\(text)")
      #expect(try #require(Int(summary.1)) > 5, "\(text)")
      #expect(text.contains("To go on: run the same command again"), "\(text)")
      #expect(
        text.contains("To go back:\n  dbauth-admin setup revert --journal \(database.journal)\n"), "\(text)")
      // The server has let go of everything, although the reader has not.
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output.suffix(2000))")
      let after = try await database.dump()
      #expect(after.differences(from: before) == [])
      try await reader.execute("ROLLBACK")
    }
  }

  @Test("Ctrl-C ends revert after the current batch, too")
  func controlCInRevert() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.fill(tables: 1000)
      let before = try await database.fingerprint()
      let apply = try await database.setup("apply", Self.options)
      #expect(apply.status == 0, "\(apply.output.suffix(2000))")
      let stopped = try await database.setup("revert", ["--batch-locks", "200", "--yes"]) { running in
        try await Self.someMoved(database, to: TestDatabase.ownerOfManyTables)
        running.send(.interrupt)
      }
      #expect(stopped.status == 1, "\(stopped.output.suffix(2000))")
      #expect(stopped.stdout.contains("Stopped after a finished batch"), "\(stopped.stdout.suffix(500))")
      let again = try await database.setup("revert", ["--yes"])
      #expect(again.status == 0, "\(again.output.suffix(2000))")
      let after = try await database.fingerprint()
      #expect(after.difference(from: before).isEmpty)
    }
  }

  @Test(
    "a cut connection is reported, and a later apply finishes", arguments: [ServerName.pg15RDS, .pg18RDS])
  func connectionCut(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fill(tables: 1000)
      let before = try await database.dump()
      let cut = try await database.setup("apply", Self.options) { _ in
        try await Self.someMoved(database)
        try await database.psql(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dbauth-admin setup'"
        )
      }
      #expect(cut.status == 1, "\(cut.output.suffix(2000))")
      #expect(cut.stderr.contains("connection was lost"), "\(cut.stderr)")
      #expect(cut.stderr.contains("run the same command again"), "\(cut.stderr)")

      let again = try await database.setup("apply", Self.options)
      #expect(again.status == 0, "\(again.output.suffix(2000))")
      let rest = try await database.objectsNotOwned(by: database.ownerRole)
      #expect(rest == [])
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output.suffix(2000))")
      let differences = try await database.dump().differences(from: before)
      #expect(differences == [])
    }
  }

  @Test("a second setup of the same database says who is at work")
  func secondSetup() async throws {
    try await TestDatabase.run(on: .pg16RDS) { database in
      try await database.fill(tables: 1000)
      let first = try await database.setup("apply", Self.options) { running in
        try await Self.someMoved(database)
        running.send(.suspend)
        defer { running.send(.resume) }
        let second = try await database.setup(
          "apply", ["--iam-user", "iamuser", "--yes"], journal: "\(database.folder)/second.journal")
        #expect(second.status == 1, "\(second.output.suffix(2000))")
        let message = "another setup is at work in database \"\(database.name)\": pid "
        #expect(second.stderr.contains(message), "\(second.stderr)")
        let holder = "(postgres, dbauth-admin setup, from 127.0.0.1, connected since 20"
        #expect(second.stderr.contains(holder), "\(second.stderr)")
      }
      #expect(first.status == 0, "\(first.output.suffix(2000))")
      let others = try await database.objectsNotOwned(by: database.ownerRole)
      #expect(others == [])
    }
  }
}
