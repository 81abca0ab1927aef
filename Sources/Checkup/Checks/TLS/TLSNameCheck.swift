internal import AccessModel
internal import TLS
internal import Targets

/// The certificate carries the name that is dialled.
struct TLSNameCheck: Check {
  let id = "tls-name"
  let stage = Stage.tls
  let claim = "the certificate is for the name that is dialled"
  let requires = ["tls-versions"]
  let after = ["dns-endpoint"]

  func run(_ run: CheckupRun) async -> Outcome {
    let evidence = await run.evidence
    guard let leaf = evidence.handshakes.lazy.compactMap(\.leaf).first else {
      return .notApplicable("there is no certificate")
    }
    let name = evidence.dialledName
    let matches = leaf.matches(host: name)
    await run.record {
      if $0.trust == nil { $0.trust = TrustFacts() }
      $0.trust?.nameMatches = matches
      $0.trust?.name = name
    }
    let names = leaf.names.joined(separator: ", ")
    let items = [EvidenceItem("dialled", name), EvidenceItem("certificate names", names)]
    if matches {
      let alias =
        evidence.endpoint?.isAlias == true && evidence.endpoint?.isDialled == true
        ? "; host=\(evidence.target.host?.name ?? "") itself would not do" : ""
      let aliasMatches = evidence.target.host.map { leaf.matches(host: $0.name) } ?? false
      return .pass("it names \(name)\(aliasMatches ? "" : alias)", items)
    }
    if evidence.tls?.verifiesName != true {
      return .notApplicable(
        "it names \(names), not \(name); sslmode=\(evidence.tls?.asked ?? "prefer") does not compare")
    }
    return .fail("it names \(names), not \(name)", items)
  }
}

extension Certificate {
  /// All names that the certificate is for; the common name counts only when there is no other, as in libpq.
  var names: [String] {
    let names = dnsNames + ipAddresses
    return names.isEmpty ? [commonName].compactMap { $0 } : names
  }
}
