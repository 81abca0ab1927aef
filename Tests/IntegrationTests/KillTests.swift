import Foundation
import Subprocess
import Testing

/// `DBAUTH_KILLS` says how many kills (default 10, over both servers), `DBAUTH_KILLS_SEED` repeats a run.
@Suite("Killed with kill -9 at any moment")
struct KillTests {
  static let tables = 3000
  static let kills = ProcessInfo.processInfo.environment["DBAUTH_KILLS"].flatMap { Int($0) } ?? 10
  static let seed =
    ProcessInfo.processInfo.environment["DBAUTH_KILLS_SEED"].flatMap { UInt64($0) }
    ?? .random(in: 0...UInt64.max)
  static let servers = [ServerName.pg15RDS, .pg18RDS]

  private static func options(_ mode: String) -> [String] {
    ["--iam-user", "iamuser", "--mode", mode, "--yes"]
  }

  /// How a run that nobody disturbs goes: what it leads to, and how long apply and revert take.
  private struct Undisturbed {
    var end: [Substring]
    var apply: Duration
    var revert: Duration

    init(_ database: TestDatabase, mode: String, beginning: [Substring]) async throws {
      let clock = ContinuousClock()
      let journal = "\(database.folder)/\(mode).journal"
      apply = try await clock.measure {
        let apply = try await database.setup("apply", options(mode), journal: journal)
        #expect(apply.status == 0, "\(apply.output.suffix(2000))")
      }
      end = try await database.fingerprint()
      revert = try await clock.measure {
        let revert = try await database.setup("revert", ["--yes"], journal: journal)
        #expect(revert.status == 0, "\(revert.output.suffix(2000))")
      }
      let back = try await database.fingerprint()
      #expect(back.difference(from: beginning).isEmpty)
    }
  }

  @Test(
    "the next apply finishes, nobody was ever locked out, and revert restores the beginning",
    arguments: servers)
  func kill(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      var random = RepeatableRandom(seed: Self.seed ^ UInt64(database.server.bindir.utf8.count))
      try await database.fill(tables: Self.tables)
      let dump = try await database.dump()
      let beginning = try await database.fingerprint()
      var undisturbed: [String: Undisturbed] = [:]
      for mode in ["owner-role", "direct"] {
        undisturbed[mode] = try await Undisturbed(database, mode: mode, beginning: beginning)
      }
      let findings = try await LockOutWatch.during(database) {
        for round in 1...max(1, Self.kills / Self.servers.count) {
          let mode = round.isMultiple(of: 2) ? "direct" : "owner-role"
          try await Self.round(round, database, mode, undisturbed[mode]!, beginning, &random)
        }
      }
      #expect(findings.members.subtracting(["iamuser"]) == [])
      #expect(findings.looks > 100)
      print("\(server.rawValue): looked \(findings.looks) times for somebody locked out; seed \(Self.seed)")
      let left = try await database.dump().differences(from: dump)
      #expect(left == [], "seed \(Self.seed)")
    }
  }

  /// One kill of apply, and in every third round one of revert as well.
  private static func round(
    _ round: Int, _ database: TestDatabase, _ mode: String, _ undisturbed: Undisturbed,
    _ beginning: [Substring],
    _ random: inout RepeatableRandom
  ) async throws {
    let journal = "\(database.folder)/\(round).journal"
    let moment = undisturbed.apply * Double.random(in: 0...1, using: &random)
    let place: Comment = "round \(round), \(mode), killed after \(moment), seed \(seed)"
    let killed = try await database.setup("apply", options(mode), journal: journal) { running in
      try await Task.sleep(for: moment)
      running.send(.kill)
    }
    #expect(killed.status == 137 || killed.status == 0, place)
    try await expectNobodyLockedOut(database, place)

    let again = try await database.setup("apply", options(mode), journal: journal)
    #expect(again.status == 0, "\(place): \(again.output.suffix(2000))")
    let end = try await database.fingerprint()
    #expect(end.difference(from: undisturbed.end).isEmpty, place)
    try await expectNobodyLockedOut(database, place)

    if round.isMultiple(of: 3) {
      let moment = undisturbed.revert * Double.random(in: 0...1, using: &random)
      _ = try await database.setup("revert", ["--yes"], journal: journal) { running in
        try await Task.sleep(for: moment)
        running.send(.kill)
      }
      try await expectNobodyLockedOut(database, place)
    }
    let revert = try await database.setup("revert", ["--yes"], journal: journal)
    #expect(revert.status == 0, "\(place): \(revert.output.suffix(2000))")
    let back = try await database.fingerprint()
    #expect(back.difference(from: beginning).isEmpty, place)
  }

  private static func expectNobodyLockedOut(_ database: TestDatabase, _ place: Comment) async throws {
    await #expect(throws: Never.self, place) {
      _ = try await database.server.connect(.master, database: database.name)
    }
  }
}
