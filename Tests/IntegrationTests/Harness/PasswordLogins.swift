import Postgres
import Synchronization

/// Somebody who logs in with the master's password all the time, and notices when it stops working.
actor PasswordLogins {
  /// How often: every 50 ms.
  static let interval: Duration = .milliseconds(50)

  private(set) var count = 0
  private(set) var failures: [String] = []

  /// Logs in again and again while the body runs.
  static func during(
    _ server: SandboxServer, database: String, _ body: () async throws -> Void
  ) async throws -> (count: Int, failures: [String]) {
    let logins = try await Repetition.of(PasswordLogins(), every: interval) { logins in
      await logins.tryOnce(server, database)
    } during: {
      try await body()
    }
    await logins.tryOnce(server, database)
    return (await logins.count, await logins.failures)
  }

  private func tryOnce(_ server: SandboxServer, _ database: String) async {
    count += 1
    do {
      let session = try await server.connect(.master, database: database)
      try await session.execute("SELECT 1")
    } catch {
      failures.append("\(error)")
    }
  }
}
