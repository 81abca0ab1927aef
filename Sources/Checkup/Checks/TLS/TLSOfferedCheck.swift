internal import Postgres
internal import Sockets
internal import TLS
internal import Targets

/// Every address answers the SSLRequest with yes, or none and nothing asks for it.
struct TLSOfferedCheck: Check {
  let id = "tls-offered"
  let stage = Stage.tls
  let claim = "the server offers TLS"
  let requires = ["config-tls", "tcp-connect"]

  func run(_ run: CheckupRun) async -> Outcome {
    let evidence = await run.evidence
    let end = run.deadline(deadline)
    let isDirect = evidence.target.settings["sslnegotiation"] == "direct"
    let addresses = evidence.reach.filter { $0.failure == nil }.map(\.address)
    let answers = await withTaskGroup(of: HandshakeFacts.self) { group in
      for address in addresses {
        guard let connection = await run.takeConnection(to: address) else { continue }
        group.addTask {
          if isDirect {
            await run.keep(connection, for: address)
            return HandshakeFacts(address: address, answer: .offered, isDirect: true)
          }
          let asked = ContinuousClock.now
          let answer = await StartupExchange.requestTLS(connection, until: end)
          var facts = HandshakeFacts(address: address, answer: answer)
          facts.requestDuration = .now - asked
          if answer == .offered { await run.keep(connection, for: address) }
          return facts
        }
      }
      return await group.reduce(into: [SocketAddress: HandshakeFacts]()) { $0[$1.address] = $1 }
    }
    let handshakes = addresses.compactMap { answers[$0] }
    await run.record { $0.handshakes = handshakes }
    let items = handshakes.map { EvidenceItem("\($0.address)", $0.answer.explanation) }
    guard let first = handshakes.first else { return .unknown("no connection was left to ask on") }
    if isDirect { return .pass("not asked: sslnegotiation=direct begins with the handshake", items) }
    switch first.answer {
    case .offered: return .pass("offered", items)
    case .refused where evidence.tls?.demandsTLS == false:
      return .pass("not offered, and sslmode=\(evidence.tls?.asked ?? "prefer") does without", items)
    default: return .fail(first.answer.explanation, items)
    }
  }
}

extension TLSRequestAnswer {
  /// In words, for a message.
  var explanation: String {
    switch self {
    case .offered: "offered"
    case .refused: "the server answered N: it has no TLS"
    case .error(let message): "the server answered with an error: \(message.message)"
    case .closed: "the connection was closed instead of an answer"
    case .lost(let words): words
    case .silent: "the connection was accepted, and then nothing was said"
    case .foreign(let bytes): "the answer is not PostgreSQL's: \(bytes.shown)"
    }
  }
}

extension [UInt8] {
  /// The first bytes as text where they are text, for a message.
  var shown: String {
    let head = prefix(24)
    let text = head.map { 0x20..<0x7F ~= $0 ? String(UnicodeScalar($0)) : "\\x\(String($0, radix: 16))" }
      .joined()
    return "“\(text)”" + (count > 24 ? "…" : "")
  }
}
