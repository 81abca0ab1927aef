/// Who may use which server: roles and dumps of roles concern a whole server, so a server serves one test at a
/// time, and what is measured runs alone.
actor ServerTurns {
  static let shared = ServerTurns()

  private struct Waiting {
    var servers: Set<ServerName>
    var continuation: CheckedContinuation<Void, Never>
  }

  /// Tests at work at once: more than this machine's processors would only slow each other down.
  private static let limit = 3
  private var busy: Set<ServerName> = []
  private var atWork = 0
  private var queue: [Waiting] = []

  /// Runs the body while nobody else uses these servers.
  nonisolated static func run<Value: Sendable>(
    _ servers: Set<ServerName>, _ body: () async throws -> Value
  ) async throws -> Value {
    await shared.take(servers)
    do {
      let value = try await body()
      await shared.giveBack(servers)
      return value
    } catch {
      await shared.giveBack(servers)
      throw error
    }
  }

  private func take(_ servers: Set<ServerName>) async {
    await withCheckedContinuation { continuation in
      queue.append(Waiting(servers: servers, continuation: continuation))
      admit()
    }
  }

  private func giveBack(_ servers: Set<ServerName>) {
    busy.subtract(servers)
    atWork -= 1
    admit()
  }

  /// In order of arrival; nobody overtakes somebody who waits for the same server.
  private func admit() {
    var claimed = busy
    var waiting: [Waiting] = []
    for entry in queue {
      if atWork < Self.limit, claimed.isDisjoint(with: entry.servers) {
        busy.formUnion(entry.servers)
        atWork += 1
        entry.continuation.resume()
      } else {
        waiting.append(entry)
      }
      claimed.formUnion(entry.servers)
    }
    queue = waiting
  }
}
