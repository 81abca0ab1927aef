import Foundation
import Subprocess
import Testing

/// `DBAUTH_KILLS` says how many moments of apply and of revert each (default 4) on each server in each mode,
/// `DBAUTH_KILLS_SEED` repeats a run.
@Suite("Ended by a signal at any moment")
struct KillTests {
  static let tables = 160
  /// So that a run has about ten transactions.
  private static let locks = "130"
  static let kills = ProcessInfo.processInfo.environment["DBAUTH_KILLS"].flatMap { Int($0) } ?? 4
  static let seed =
    ProcessInfo.processInfo.environment["DBAUTH_KILLS_SEED"].flatMap { UInt64($0) }
    ?? .random(in: 0...UInt64.max)
  /// The old application's password.
  static let password = "the old password"
  /// A run that a signal has not ended after this time does not end: an undisturbed one takes about a second, and the next
  /// one waits up to ten for the session of one that was killed.
  static let patience: Duration = .seconds(60)
  private static let signals: [(name: String, signal: Signal)] = [
    ("SIGKILL", .kill), ("SIGTERM", .terminate), ("SIGHUP", .terminalClosed), ("SIGINT", .interrupt),
  ]

  enum Mode: String, CaseIterable, Sendable, CustomTestStringConvertible {
    case ownerRole = "owner-role"
    case direct

    var testDescription: String { rawValue }
  }

  /// One database that is moved to and fro, and how it looks at either end.
  private struct Journey {
    var database: TestDatabase
    var mode: Mode
    /// The old application keeps its access for good.
    var isKept: Bool
    var random: RepeatableRandom
    var beginning: [Substring]
    var end: [Substring] = []
    var durations: [String: Duration] = [:]

    func options(_ command: String) -> [String] {
      guard command == "apply" else { return ["--batch-locks", KillTests.locks, "--yes"] }
      return ["--iam-user", "iamuser", "--mode", mode.rawValue, "--batch-locks", KillTests.locks, "--yes"]
        + (isKept ? ["--keep-access", TestDatabase.ownerOfManyTables] : [])
    }

    /// Runs a command to its end, which has to be a good one.
    func finish(_ command: String, _ journal: String, _ place: Comment) async throws {
      let result = try await database.setup(command, options(command), journal: journal)
      try #require(result.status == 0, "\(place): \(result.output.suffix(2000))")
      let now = try await database.fingerprint()
      let left = now.differences(from: command == "apply" ? end : beginning)
      try #require(left == [], "\(place), after \(command)")
    }

    /// How both commands go when nobody disturbs them.
    mutating func explore() async throws {
      let journal = "\(database.folder)/undisturbed.journal"
      for command in ["apply", "revert"] {
        let started = ContinuousClock.now
        let result = try await database.setup(command, options(command), journal: journal)
        try #require(result.status == 0, "\(result.output.suffix(2000))")
        durations[command] = ContinuousClock.now - started
        if command == "apply" { end = try await database.fingerprint() }
      }
      let back = try await database.fingerprint().differences(from: beginning)
      try #require(back == [])
    }

    /// Runs a command and sends it a signal at a random moment.
    mutating func disturb(_ command: String, _ journal: String, number: Int, _ place: Comment) async throws {
      // A revert before any apply has no journal to go by.
      guard command == "apply" || FileManager.default.fileExists(atPath: journal) else { return }
      let (name, signal) = KillTests.signals[number % KillTests.signals.count]
      let moment = (durations[command] ?? .seconds(1)) * Double.random(in: 0...1.05, using: &random)
      let started = ContinuousClock.now
      let ended = try await database.setup(command, options(command), journal: journal) { running in
        try await Task.sleep(for: moment)
        running.send(signal)
      }
      let message: Comment = "\(place): \(command), \(name) after \(moment): \(ended.output.suffix(2000))"
      // 64: a revert of a journal that has not begun yet.
      let expected: Set<Int32> = signal == .kill ? [137, 0, 64] : [0, 1, 64, 128 + signal.rawValue]
      #expect(expected.contains(ended.status), message)
      #expect(ContinuousClock.now - started < KillTests.patience, message)
    }

    /// Some commands that end early in any order, then one that does not: apply, and later revert.
    mutating func round(_ number: Int) async throws {
      let journal = "\(database.folder)/\(number).journal"
      let place: Comment = "round \(number), seed \(KillTests.seed)"
      for command in ["apply", "revert"] {
        try await disturb(command, journal, number: number, place)
        for _ in 0..<Int.random(in: 0...2, using: &random) {
          let other = Bool.random(using: &random) ? "apply" : "revert"
          try await disturb(other, journal, number: Int.random(in: 0...3, using: &random), place)
        }
        try await finish(command, journal, place)
      }
    }
  }

  /// A database, and a journey to and fro that has been made once.
  private func journey(
    _ database: TestDatabase, _ mode: Mode, isKept: Bool
  ) async throws -> (journey: Journey, dump: Dump) {
    try await database.fill(tables: Self.tables)
    try await database.psql("ALTER ROLE \(TestDatabase.ownerOfManyTables) PASSWORD '\(Self.password)'")
    let dump = try await database.dump()
    var journey = Journey(
      database: database, mode: mode, isKept: isKept, random: RepeatableRandom(seed: Self.seed),
      beginning: try await database.fingerprint())
    try await journey.explore()
    return (journey, dump)
  }

  /// What an application does: it reads and writes the first table, the one in the middle and the last one.
  private static let work = [1, tables / 2, tables].map {
    "INSERT INTO t\($0) (body) VALUES ('x'); SELECT count(*) FROM t\($0)"
  }.joined(separator: "; ")

  @Test(
    "the same command goes on, whatever was ended before, and the application that keeps its access works all the time",
    arguments: [ServerName.pg15RDS, .pg18RDS], Mode.allCases)
  func kept(on server: ServerName, mode: Mode) async throws {
    try await TestDatabase.run(on: server) { database in
      var (journey, dump) = try await self.journey(database, mode, isKept: true)
      let application = database.parameters(user: TestDatabase.ownerOfManyTables, password: Self.password)
      var working: WorkingClient?
      let findings = try await LockOutWatch.during(database) {
        working = try await WorkingClient.during(application, work: Self.work) {
          for number in 1...max(1, Self.kills / 4) { try await journey.round(number) }
        }
      }
      #expect(findings.members.subtracting(["iamuser"]) == [])
      #expect(findings.looks > 100)
      let failures = await working?.failures ?? []
      #expect(failures.isEmpty, "seed \(Self.seed): \(failures.prefix(5))")
      let attempts = await working?.count ?? 0
      #expect(attempts > Self.kills / 4)
      let left = try await database.dump().differences(from: dump)
      #expect(left == [], "seed \(Self.seed)")
    }
  }

  @Test(
    "the application that is replaced or the IAM user can log in and work at every moment",
    arguments: [ServerName.pg15RDS, .pg18RDS], Mode.allCases)
  func replaced(on server: ServerName, mode: Mode) async throws {
    try await TestDatabase.run(on: server) { database in
      var (journey, dump) = try await self.journey(database, mode, isKept: false)
      let old = database.parameters(user: TestDatabase.ownerOfManyTables, password: Self.password)
      var states: WorkWatch.Findings?
      var clients: WorkAttempts?
      let started = ContinuousClock.now
      let findings = try await LockOutWatch.during(database) {
        states = try await WorkWatch.during(database, iam: "iamuser", old: TestDatabase.ownerOfManyTables) {
          clients = try await WorkAttempts.during(
            old: { try await WorkingClient.work(old, Self.work) },
            iam: { try await database.workAsIAMUser("iamuser", Self.work) }
          ) {
            for number in 1...max(1, Self.kills) { try await journey.round(number) }
          }
        }
      }
      #expect(findings.members.subtracting(["iamuser"]) == [])
      #expect(states?.failures == [], "seed \(Self.seed)")
      let neither = await clients?.neither ?? ["nobody tried"]
      #expect(neither == [], "seed \(Self.seed)")
      let successes = await clients?.successes ?? (old: 0, iam: 0)
      #expect(successes.old > Self.kills && successes.iam > 0)
      print(
        """
        \(server.rawValue), \(mode.rawValue): \(Self.kills) rounds in \(ContinuousClock.now - started), the old \
        application worked \(successes.old) times, the IAM user \(successes.iam) times, \(states?.looks ?? 0) looks; \
        seed \(Self.seed)
        """)
      let left = try await database.dump().differences(from: dump)
      #expect(left == [], "seed \(Self.seed)")
    }
  }
}
