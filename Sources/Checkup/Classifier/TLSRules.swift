internal import FoundationEssentials
internal import Postgres
internal import TLS
internal import Targets

/// What the handshakes say.
enum TLSRules {
  static func findings(_ evidence: Evidence) -> [Finding] {
    guard let tls = evidence.tls else { return [] }
    return offered(evidence, tls) + handshake(evidence) + addresses(evidence) + expiry(evidence)
  }

  private static func offered(_ evidence: Evidence, _ tls: EffectiveTLS) -> [Finding] {
    guard let first = evidence.handshakes.first, first.answer == .refused, tls.demandsTLS else { return [] }
    return [
      Finding(
        "tls-not-offered", .certain, check: "tls-offered",
        reason: "\(first.address) answered N to the SSLRequest, and sslmode=\(tls.asked) insists on TLS")
    ]
  }

  private static func handshake(_ evidence: Evidence) -> [Finding] {
    guard let first = evidence.handshakes.first(where: { $0.answer == .offered }) else { return [] }
    if let failure = first.failure {
      if first.isDirect {
        return [
          Finding(
            "tls-direct-unsupported", .certain, check: "tls-versions",
            reason:
              "\(first.address) did not take a handshake without an SSLRequest (\(failure)): PostgreSQL before 17, or a hop without ALPN",
            fix: "sslnegotiation=postgres")
        ]
      }
      if failure.isVersionMismatch {
        let options = TLSVersionsCheck.options(evidence)
        let range = "\(options.minimumVersion) to \(options.maximumVersion?.rawValue ?? "TLSv1.3")"
        return [
          Finding(
            "tls-protocol-version", .certain, check: "tls-versions",
            reason:
              "\(first.address) and this client have no version in common: \(range) was offered"
              + (evidence.spokenVersion.map { ", and the server speaks \($0)" }
                ?? ", and the answer was: \(failure)")
          )
        ]
      }
      if case .alert(let alert) = failure {
        return [
          Finding(
            "tcp-closed-early", .probable, check: "tls-versions",
            reason: "the server ended the handshake with the alert “\(alert.name)”")
        ]
      }
      return []
    }
    guard let observation = first.observation else { return [] }
    if first.isDirect, observation.applicationProtocol != "postgresql" {
      return [
        Finding(
          "tls-direct-unsupported", .certain, check: "tls-versions",
          reason:
            "\(first.address) took the handshake, but did not choose “postgresql” by ALPN: something else ends TLS there",
          fix: "sslnegotiation=postgres")
      ]
    }
    // Advice only where it is worth something: beside the server, a round trip is too short to be missed.
    let roundTrip = evidence.roundTrip ?? .zero
    if observation.helloRetryRequest, roundTrip >= .milliseconds(5) {
      return [
        Finding(
          "tls-hello-retry", .warning, .certain, check: "tls-versions",
          reason:
            "the server wanted \(observation.group ?? "another group") and asked for a second ClientHello: one round trip (\(roundTrip.inMilliseconds)) more for every connection"
        )
      ]
    }
    return []
  }

  /// Two addresses of one name that are not the same service.
  private static func addresses(_ evidence: Evidence) -> [Finding] {
    guard evidence.handshakes.count > 1 else { return [] }
    let name = evidence.dialledName
    let kinds = evidence.handshakes.map { facts -> String in
      guard facts.answer == .offered else {
        return facts.answer == .refused ? "has no TLS" : facts.answer.explanation
      }
      guard let leaf = facts.leaf else { return "fails the handshake" }
      return leaf.matches(host: name)
        ? "is \(name), by \(leaf.issuer)" : "is \(leaf.commonName ?? leaf.subject)"
    }
    guard Set(kinds).count > 1 else { return [] }
    let list = zip(evidence.handshakes, kinds).map { "\($0.address) \($1)" }.joined(separator: "; ")
    return [
      Finding(
        "dns-two-servers-one-name", .certain, check: "tls-addresses", reason: list,
        consequences: [
          "tls-not-offered", "tls-name-mismatch", "tls-untrusted", "tcp-closed-early", "tcp-other-protocol",
        ])
    ]
  }

  private static func expiry(_ evidence: Evidence) -> [Finding] {
    guard let chain = evidence.handshakes.lazy.compactMap({ $0.observation?.peerChain }).first,
      let first = chain.min(by: { $0.notAfter < $1.notAfter })
    else { return [] }
    let left = first.notAfter.timeIntervalSince(evidence.date)
    guard left > 0, left < Double(TLSExpiryCheck.horizonInDays) * 86_400 else { return [] }
    let name =
      first == chain.first
      ? "the server's certificate" : "\(first.commonName ?? first.subject), on the way to the root,"
    return [
      Finding(
        "tls-expired", .warning, .certain, check: "tls-expiry",
        reason: "\(name) ends on \(first.notAfter.day), in \(Int(left / 86_400)) days")
    ]
  }
}
