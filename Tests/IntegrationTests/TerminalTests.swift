import Foundation
import Postgres
import Subprocess
import Testing

@Suite("setup on a terminal")
struct TerminalTests {
  static let options = ["--iam-user", "iamuser", "--keep-access", "app_old"]

  @Test("Ctrl-C at the question ends at once and says that nothing was changed")
  func controlCAtTheQuestion() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fillWithAwkwardObjects()
      let before = try await database.dump()
      let ended = try await database.setupOnTerminal("apply", Self.options) { terminal, running in
        try await terminal.shows("Enter yes to apply these changes: ")
        running.send(.interrupt)
      }
      #expect(ended.status == 130, "\(ended.stdout.suffix(500))")
      #expect(ended.stdout.hasSuffix("Nothing was changed.\r\n"), "\(ended.stdout.suffix(500))")
      #expect(!database.hasJournal)
      let changed = try await database.dump().differences(from: before)
      #expect(changed == [])
    }
  }

  /// How many sessions of setup wait for a lock.
  private static let waiting = """
    SELECT count(*) FROM pg_stat_activity
    WHERE application_name = 'dbauth-admin setup' AND wait_event_type = 'Lock'
    """

  @Test("Ctrl-C while the plan is made says that nothing was changed")
  func controlCWhileReading() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.psql("CREATE ROLE app_old LOGIN")
      // Reading waits for this lock for as long as it is held.
      let holder = try await database.server.connect(.superuser, database: database.name)
      try await holder.execute("BEGIN; LOCK TABLE pg_catalog.pg_default_acl IN ACCESS EXCLUSIVE MODE")
      let ended = try await database.setup("apply", Self.options + ["--yes"]) { running in
        let deadline = ContinuousClock.now + .seconds(30)
        while try await database.server.psql(Self.waiting) == "0", ContinuousClock.now < deadline {
          try await Task.sleep(for: .milliseconds(20))
        }
        running.send(.interrupt)
      }
      try await holder.execute("ROLLBACK")
      #expect(ended.status == 130, "\(ended.output)")
      #expect(ended.stderr.contains("Nothing was changed."), "\(ended.output)")
      #expect(!database.hasJournal)
    }
  }

  @Test("anything but yes changes nothing; yes applies, and the plan is shown once")
  func question() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fillWithAwkwardObjects()
      let refused = try await database.setupOnTerminal("apply", Self.options) { terminal, _ in
        try await terminal.shows("Enter yes to apply these changes: ")
        terminal.type("y")
      }
      #expect(refused.status == 1)
      #expect(refused.stdout.hasSuffix("Nothing was changed.\r\n"), "\(refused.stdout.suffix(500))")
      #expect(!database.hasJournal)
      let applied = try await database.setupOnTerminal("apply", Self.options) { terminal, _ in
        try await terminal.shows("Enter yes to apply these changes: ")
        terminal.type("yes")
      }
      #expect(applied.status == 0, "\(applied.stdout.suffix(2000))")
      #expect(applied.stdout.components(separatedBy: "public.orders ").count == 2, "\(applied.stdout)")
      let journal = try #require(applied.stdout.range(of: "Journal: \(database.journal)"))
      let progress = try #require(applied.stdout.range(of: "ownership: "))
      #expect(journal.lowerBound < progress.lowerBound)
    }
  }

  static let incapable: [[String: String]] = [
    ["TERM": "dumb"], [:], ["TERM": "xterm", "NO_COLOR": "1"],
  ]

  @Test("a terminal that knows no control sequences gets none", arguments: incapable)
  func controls(environment: [String: String]) async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fillWithAwkwardObjects()
      for (command, options) in [
        ("plan", Self.options), ("apply", Self.options + ["--yes"]), ("verify", Self.options),
        ("revert", ["--yes"]),
      ] {
        let ended = try await database.setupOnTerminal(command, options, environment: environment)
        #expect(ended.status == 0, "\(ended.stdout.suffix(2000))")
        #expect(!ended.stdout.contains("\u{1B}"), "\(command): \(ended.stdout.debugDescription)")
        let returns = ended.stdout.replacing("\r\n", with: "").contains("\r")
        #expect(!returns, "\(command): \(ended.stdout.debugDescription)")
      }
    }
  }

  @Test(
    "what setup says fits the terminal, but for words that are longer", arguments: [40, 60, 80] as [UInt16])
  func width(columns: UInt16) async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fillWithAwkwardObjects()
      for (command, options) in [
        ("plan", Self.options), ("apply", Self.options + ["--yes"]), ("verify", Self.options),
        ("revert", ["--yes"]),
      ] {
        let ended = try await database.setupOnTerminal(
          command, options, columns: columns, environment: ["TERM": "dumb"])
        #expect(ended.status == 0, "\(ended.stdout.suffix(2000))")
        for line in ended.stdout.split(separator: "\r\n") where line.count > columns {
          // Commands stay whole, to be pasted.
          if line.hasPrefix("  dbauth-admin setup revert ") { continue }
          let words = line.split(separator: " ").map(\.count).max() ?? 0
          #expect(words + 10 > columns, "\(command): \(line)")
        }
      }
    }
  }
}
