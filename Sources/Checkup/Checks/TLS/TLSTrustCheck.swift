internal import FoundationEssentials
internal import TLS
internal import Targets

/// The server's certificate leads to one of the roots, and every certificate on the way is valid today.
struct TLSTrustCheck: Check {
  let id = "tls-trust"
  let stage = Stage.tls
  let claim = "the server's certificate is trusted"
  let requires = ["tls-versions", "tls-bundle"]

  func run(_ run: CheckupRun) async -> Outcome {
    let evidence = await run.evidence
    guard let tls = evidence.tls, tls.verifiesChain else {
      return .notApplicable("not verified by sslmode=\(evidence.tls?.asked ?? "prefer")")
    }
    guard let chain = evidence.handshakes.lazy.compactMap({ $0.observation?.peerChain }).first,
      let leaf = chain.first
    else { return .unknown("there was no certificate to look at") }
    guard case .loaded(let bundle)? = evidence.trust?.roots else {
      return .unknown("there are no roots to verify with")
    }
    let date = run.request.date
    let lists = tls.revocationFile.flatMap(RevocationLists.init)
    let verification = ChainVerification.verify(chain, against: bundle, at: date, revoked: lists)
    let systemTrusts =
      verification.isTrusted
      ? nil : ChainVerification.verify(chain, against: TrustBundle.system(), at: date).isTrusted
    await run.record {
      $0.trust?.issues = verification.issues
      $0.trust?.root = verification.isTrusted ? verification.chain.last : nil
      $0.trust?.systemTrusts = systemTrusts
    }
    var items = chain.enumerated().map { depth, certificate in
      EvidenceItem(
        "certificate \(depth)",
        "\(certificate.subject), by \(certificate.issuer), until \(certificate.notAfter.day)")
    }
    guard let issue = verification.issues.first else {
      let root = verification.chain.last?.commonName ?? leaf.issuerCommonName ?? "its root"
      return .pass("chain verified by \(root)", items)
    }
    if let lists { items.append(EvidenceItem("revocation lists", lists.path)) }
    items += verification.issues.map {
      EvidenceItem("X509 \($0.code)", "\($0.text), at depth \($0.depth): \($0.subject)")
    }
    return .fail(
      "\(issue.text) (X509 \(issue.code)): \(issue.subject.isEmpty ? leaf.subject : issue.subject)", items)
  }
}
