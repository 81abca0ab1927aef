internal import FoundationEssentials
internal import TLS

/// No certificate of the server's ends soon.
struct TLSExpiryCheck: Check {
  /// RDS renews server certificates by itself before this; what is left then has been overlooked.
  static let horizonInDays = 14

  let id = "tls-expiry"
  let stage = Stage.tls
  let claim = "no certificate of the server's ends soon"
  let requires = ["tls-versions"]

  func run(_ run: CheckupRun) async -> Outcome {
    let evidence = await run.evidence
    guard let chain = evidence.handshakes.lazy.compactMap({ $0.observation?.peerChain }).first,
      let first = chain.min(by: { $0.notAfter < $1.notAfter })
    else { return .notApplicable("there is no certificate") }
    let days = Int((first.notAfter.timeIntervalSince(run.request.date) / 86_400).rounded(.down))
    let items = [EvidenceItem("ends first", "\(first.subject) on \(first.notAfter.day)")]
    if days < 0 { return .pass("\(first.commonName ?? first.subject) ended \(first.notAfter.day)", items) }
    return .pass("\(days) days left, until \(first.notAfter.day)", items)
  }
}
