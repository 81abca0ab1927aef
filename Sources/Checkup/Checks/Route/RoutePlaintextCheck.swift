internal import Postgres
internal import Sockets

/// What the server says to a connection without TLS, asked on a connection of its own.
struct RoutePlaintextCheck: Check {
  let id = "route-plaintext"
  let stage = Stage.route
  let claim = "the server's answer without TLS is known"
  let requires = ["tcp-connect"]
  let connections = 1

  func run(_ run: CheckupRun) async -> Outcome {
    guard let address = await run.reachable else { return .unknown("no address answered") }
    let target = await run.evidence.target
    let end = run.deadline(deadline)
    let answer: FirstAnswer
    do {
      let connection = try await TCPConnection.open(to: address, until: end)
      answer = await StartupExchange.begin(
        connection, user: target.user, database: target.database, until: end)
      connection.close()
    } catch {
      return .unknown("a second connection failed: \(error)")
    }
    await run.record { $0.plaintextAnswer = answer }
    return .pass(answer.explanation, answer.items)
  }
}

extension FirstAnswer {
  /// In words, for a message.
  var explanation: String {
    switch self {
    case .authentication(code: 0, _): "let in without a password (trust)"
    case .authentication(code: 3, _):
      "asks for the password itself: pg_hba routes this login to PAM, so to IAM"
    case .authentication(code: 5, _): "asks for an MD5 password: this login is not routed to IAM"
    case .authentication(code: 10, let mechanisms):
      "asks for \(mechanisms.first ?? "SASL"): this login is not routed to IAM"
    case .authentication(let code, _): "asks for authentication method \(code)"
    case .error(let message): "\(message.message)"
    case .closed: "the server closed the connection"
    case .lost(let words): words
    case .silent: "no answer in time"
    case .foreign(let bytes): "the answer is not PostgreSQL's: \(bytes.shown)"
    }
  }

  /// What is worth showing of it.
  var items: [EvidenceItem] {
    switch self {
    case .authentication(let code, let mechanisms):
      [
        EvidenceItem(
          "request", "code \(code)\(mechanisms.isEmpty ? "" : " " + mechanisms.joined(separator: ", "))")
      ]
    case .error(let message):
      [EvidenceItem("server", "\(message)"), EvidenceItem("SQLSTATE", message.sqlstate)]
    default: []
    }
  }
}
