import AccessModel
import Postgres

/// An application that logs in and works all the time, and notices when it cannot.
actor WorkingClient {
  /// How often: every 50 ms.
  static let interval: Duration = .milliseconds(50)
  /// How long it waits for a lock: longer than `--lock-timeout`, by its default, keeps anybody waiting.
  static let patience = "10s"

  private(set) var count = 0
  private(set) var failures: [String] = []

  /// Runs the statements in `work`, each time in a session of its own, while the body runs.
  static func during(
    _ parameters: ConnectionParameters, work: String, _ body: () async throws -> Void
  ) async throws -> WorkingClient {
    let client = WorkingClient()
    return try await Repetition.of(client, every: interval) { client in
      await client.tryOnce(parameters, work)
    } during: {
      try await body()
    }
  }

  private func tryOnce(_ parameters: ConnectionParameters, _ work: String) async {
    count += 1
    do {
      try await Self.work(parameters, work)
    } catch {
      failures.append("\(error)")
    }
  }

  /// Logs in and works once.
  static func work(_ parameters: ConnectionParameters, _ work: String) async throws {
    let session = try await Session.connect(parameters)
    try await session.execute("SET lock_timeout = '\(patience)'; \(work)")
  }
}

extension TestDatabase {
  /// How somebody logs in with a password.
  func parameters(user: String, password: String) -> ConnectionParameters {
    var parameters = ConnectionParameters()
    for (keyword, value) in [
      ("host", server.host), ("hostaddr", server.hostaddr), ("port", "\(server.port)"), ("dbname", name),
      ("user", user), ("sslmode", server.sslmode), ("sslrootcert", server.sslrootcert),
      ("application_name", "client"),
    ] {
      parameters.set(keyword, value)
    }
    parameters.password = Secret(password)
    return parameters
  }
}
