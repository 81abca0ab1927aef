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
    switch answer {
    case .authentication, .error: return .pass("without TLS: \(answer.summary)", answer.items)
    default: return .notApplicable("without TLS: \(answer.summary)")
    }
  }
}

extension FirstAnswer {
  /// In words, for a message.
  var explanation: String {
    switch self {
    case .authentication(code: 0, _): "no password is asked for (trust)"
    case .authentication(code: 3, _):
      "a clear-text password is asked for: the way to IAM"
    case .authentication(code: 5, _): "an MD5 password is asked for: not the way to IAM"
    case .authentication(code: 10, let mechanisms):
      "\(mechanisms.first ?? "SASL") is asked for: not the way to IAM"
    case .authentication(let code, _): "authentication method \(code) is asked for"
    case .error(let message): "\(message.message)"
    case .closed: "the server closed the connection"
    case .lost(let words): words
    case .silent: "no answer in time"
    case .foreign(let bytes): "the answer is not PostgreSQL's: \(bytes.shown)"
    }
  }

  /// The same in fewer words, for a line where it is no failure: the server's own text is in the evidence.
  var summary: String {
    guard case .error(let message) = self else { return explanation }
    if message.message.contains("pg_hba.conf rejects") { return "rejected by pg_hba.conf" }
    if message.message.contains("no pg_hba.conf entry") { return "no line of pg_hba.conf is for it" }
    return message.message
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
