import Foundation
import Synchronization
import Testing

@Suite("Twenty thousand tables under the default lock table")
struct ManyTablesTests {
  static let tables = 20_000
  /// The promise: megabytes of resident memory, at most.
  static let memory = 150

  @Test("REASSIGN OWNED fails, apply and revert finish within 150 MB")
  func finish() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      let clock = ContinuousClock()
      let locks = try await database.psql("SHOW max_locks_per_transaction")
      #expect(locks == "64")
      let built = try await clock.measure { try await database.build(tables: Self.tables, in: database.name) }
      let beginning = try await database.fingerprint()

      let reassigned = await #expect(throws: SandboxServer.Refusal.self) {
        try await database.psql(
          "CREATE ROLE successor; REASSIGN OWNED BY \(TestDatabase.ownerOfManyTables) TO successor")
      }
      #expect(reassigned?.message.contains("out of shared memory") == true)
      try await database.psql("DROP ROLE successor")

      let apply = try await Self.measured(database, "apply", ["--iam-user", "iamuser", "--yes"])
      let others = try await database.objectsNotOwned(by: database.ownerRole)
      #expect(others == [])
      let plan = try await Self.measured(database, "plan", ["--iam-user", "iamuser"])
      let revert = try await Self.measured(database, "revert", ["--yes"])
      let end = try await database.fingerprint()
      #expect(end.difference(from: beginning).isEmpty)
      print("20,000 tables: built in \(built), apply \(apply), plan \(plan), revert \(revert)")
    }
  }

  /// Runs a command and expects it to succeed within the memory promised.
  private static func measured(
    _ database: TestDatabase, _ command: String, _ options: [String]
  ) async throws -> String {
    let peak = PeakMemory()
    let began = ContinuousClock.now
    let result = try await database.setup(command, options) { await peak.watch($0.pid) }
    let elapsed = ContinuousClock.now - began
    #expect(result.status == 0, "\(result.output.suffix(2000))")
    let megabytes = peak.megabytes
    #expect(megabytes > 0 && megabytes < memory, "\(command) took \(megabytes) MB")
    return "\(elapsed), \(megabytes) MB"
  }
}

/// The most memory that a process had resident, as the kernel counts it (VmHWM): proc(5).
final class PeakMemory: Sendable {
  private let kilobytes = Atomic(0)

  var megabytes: Int { kilobytes.load(ordering: .relaxed) / 1024 }

  /// Reads it until the process has ended; an ended process that nobody has waited for yet has none.
  func watch(_ pid: Int32) async {
    while let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") })
    {
      kilobytes.store(line.split(separator: " ").compactMap { Int($0) }.first ?? 0, ordering: .relaxed)
      try? await Task.sleep(for: .milliseconds(10))
    }
  }
}
