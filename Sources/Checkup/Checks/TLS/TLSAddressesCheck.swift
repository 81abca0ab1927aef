internal import TLS

/// All addresses lead to the same service.
struct TLSAddressesCheck: Check {
  let id = "tls-addresses"
  let stage = Stage.tls
  let claim = "all addresses lead to the same service"
  let requires = ["tcp-connect", "config-tls"]
  let after = ["tls-offered", "tls-versions"]

  func run(_ run: CheckupRun) async -> Outcome {
    let handshakes = await run.evidence.handshakes
    guard handshakes.count > 1 else { return .notApplicable("there is one address") }
    let items = handshakes.map { facts in
      let certificate = facts.leaf.map { "\($0.commonName ?? $0.subject), SHA-256 \($0.sha256.prefix(16))…" }
      return EvidenceItem("\(facts.address)", certificate ?? facts.answer.explanation)
    }
    let fingerprints = Set(handshakes.compactMap { $0.leaf?.sha256 })
    return .pass(
      "\(handshakes.count) addresses, \(fingerprints.count) certificate\(fingerprints.count == 1 ? "" : "s")",
      items)
  }
}
