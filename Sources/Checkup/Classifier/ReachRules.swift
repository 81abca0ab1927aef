internal import Postgres
internal import Sockets
internal import TLS

/// What TCP, and whatever answers behind the port, says.
enum ReachRules {
  static func findings(_ evidence: Evidence, _ texts: KnownTexts) -> [Finding] {
    tcp(evidence) + peer(evidence, texts)
  }

  private static func tcp(_ evidence: Evidence) -> [Finding] {
    let failed = evidence.reach.filter { $0.failure != nil }
    guard let first = failed.first, let failure = first.failure else { return [] }
    let port = evidence.target.port
    guard failed.count == evidence.reach.count else {
      // libpq waits for an address that does not answer before it tries the next one.
      return failed.filter { $0.failure == .timedOut }.map {
        Finding(
          "tcp-timeout", .warning, .certain, check: "tcp-connect",
          reason: "\($0.address) does not answer, other addresses do; clients lose their timeout there first")
      }
    }
    return switch failure {
    case .refused:
      [
        Finding(
          "tcp-refused", .certain, check: "tcp-connect",
          reason:
            "\(first.address) refused within \(first.duration.inMilliseconds): it is up, and nobody listens on port \(port)"
        )
      ]
    case .timedOut:
      [
        Finding(
          "tcp-timeout", .certain, check: "tcp-connect",
          reason:
            "\(first.address) did not answer within \(first.duration.inMilliseconds): filtered, not refused")
      ]
    case .unreachable(let words):
      [Finding("tcp-unreachable", .certain, check: "tcp-connect", reason: "\(first.address): \(words)")]
    case .reset:
      [
        Finding(
          "tcp-closed-early", .certain, check: "tcp-connect",
          reason: "\(first.address) reset the connection at once")
      ]
    case .other: []
    }
  }

  /// What the peer answered where PostgreSQL would have answered the SSLRequest, or begun the handshake.
  private static func peer(_ evidence: Evidence, _ texts: KnownTexts) -> [Finding] {
    var findings: [Finding] = []
    if let facts = evidence.handshakes.first {
      findings += self.findings(facts.answer, facts.address, evidence, texts)
      switch facts.failure {
      case .closed?, .reset?:
        if facts.isDirect { break }
        findings.append(
          Finding(
            "tcp-closed-early", .certain, check: "tls-versions",
            reason: "\(facts.address) offered TLS and then ended the connection in the handshake"))
      case .timedOut?:
        findings.append(
          Finding(
            "tcp-timeout", .probable, check: "tls-versions",
            reason: "\(facts.address) offered TLS and then fell silent in the handshake"))
      case .notTLS(let bytes)?:
        if facts.isDirect { break }
        findings.append(
          Finding(
            "tcp-other-protocol", .certain, check: "tls-versions",
            reason:
              "after its “S” the peer said \(bytes.shown), which is not TLS: SSH greets with an S as well"))
      default: break
      }
    }
    return findings
  }

  private static func findings(
    _ answer: TLSRequestAnswer, _ address: SocketAddress, _ evidence: Evidence, _ texts: KnownTexts
  )
    -> [Finding]
  {
    switch answer {
    case .foreign(let bytes):
      if bytes.starts(with: Array("HTTP/".utf8)) {
        return [
          Finding(
            "tcp-http-middlebox", .certain, check: "tls-offered",
            reason: "\(address) answered \(bytes.shown): an HTTP proxy or load balancer")
        ]
      }
      return [
        Finding(
          "tcp-other-protocol", .certain, check: "tls-offered",
          reason: "\(address) said \(bytes.shown), which is \(protocolName(bytes))")
      ]
    case .closed, .lost:
      return [
        Finding(
          "tcp-closed-early", .certain, check: "tls-offered",
          reason: "\(address) took the connection and ended it before an answer to the SSLRequest")
      ]
    case .silent:
      return [
        Finding(
          "tcp-timeout", .probable, check: "tls-offered",
          reason:
            "\(address) took the connection and then said nothing: something between takes it, and the server is not behind it",
          fix: "look at the proxy, load balancer or tunnel at \(address): is its target up?")
      ]
    case .error(let message):
      let known = ServerTextRules.findings(message.sqlstate, message.message, check: "tls-offered", evidence)
      return known.isEmpty ? texts.findings(message.message, of: "tls-offered") : known
    case .offered, .refused: return []
    }
  }

  /// Who speaks like this.
  private static func protocolName(_ bytes: [UInt8]) -> String {
    if bytes.starts(with: Array("SSH-".utf8)) { return "SSH's greeting" }
    // MySQL's greeting: three bytes of length, sequence 0, protocol version 10.
    if bytes.count > 5, bytes[3] == 0, bytes[4] == 10 { return "MySQL's greeting" }
    return "not PostgreSQL's protocol"
  }
}
