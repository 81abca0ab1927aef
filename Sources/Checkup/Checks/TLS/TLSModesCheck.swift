internal import Postgres
internal import TLS
internal import Targets

/// What each sslmode would do here, from the two ways in that were really tried: with TLS and without.
struct TLSModesCheck: Check {
  let id = "tls-modes"
  let stage = Stage.tls
  let claim = "the sslmode that is set leads to a connection"
  let requires = ["tcp-connect", "config-tls"]
  let after = [
    "tls-trust", "tls-name", "tls-bundle", "route-method", "route-plaintext", "tls-offered", "tls-versions",
  ]

  func run(_ run: CheckupRun) async -> Outcome {
    let evidence = await run.evidence
    let bundle: TrustBundle? = if case .loaded(let loaded)? = evidence.trust?.roots { loaded } else { nil }
    let chain = evidence.handshakes.lazy.compactMap { $0.observation?.peerChain }.first
    var issue = evidence.trust?.issues?.first?.text
    if evidence.trust?.issues == nil, let chain, let bundle {
      let lists = evidence.tls?.revocationFile.flatMap(RevocationLists.init)
      issue =
        ChainVerification.verify(chain, against: bundle, at: run.request.date, revoked: lists).issues.first?
        .text
    }
    let modes = SSLModeTable(
      evidence, chainIssue: bundle == nil ? "there is no root file to verify with" : issue
    ).rows
    await run.keep(modes)
    let asked = evidence.tls?.asked ?? "prefer"
    let working = modes.filter(\.connects).map(\.mode)
    let items = modes.map { EvidenceItem($0.mode, "\($0.connects ? "connects" : "fails"): \($0.reason)") }
    guard let row = modes.first(where: { $0.mode == asked }) else {
      return .notApplicable("“\(asked)” is no sslmode; \(working.joined(separator: ", ")) would connect")
    }
    if row.connects { return .pass("\(asked): \(row.reason)", items) }
    return .fail("\(asked): \(row.reason)", items)
  }
}

/// Puts the table together.
struct SSLModeTable {
  let rows: [SSLModeOutcome]

  /// One way into the server, up to the request for a password.
  private struct Way {
    let works: Bool
    let reason: String
  }

  init(_ evidence: Evidence, chainIssue: String?) {
    let plain = Self.way(evidence.plaintextAnswer, success: "without encryption")
    let handshake = evidence.handshakes.first
    let encrypted: Way =
      switch handshake {
      case nil: Way(works: false, reason: "TLS was not tried")
      case let facts? where facts.answer != .offered: Way(works: false, reason: facts.answer.explanation)
      case let facts? where facts.observation == nil:
        Way(works: false, reason: facts.failure.map { "\($0)" } ?? "the handshake failed")
      case let facts?:
        Self.way(evidence.encryptedAnswer, success: "encrypted with \(facts.observation?.version ?? "TLS")")
      }
    let verifiesAnyway = evidence.trust.map { if case .loaded = $0.roots { true } else { false } } ?? false
    let verified = chainIssue == nil
    let nameMatches = evidence.trust?.nameMatches ?? false
    let name = evidence.dialledName
    func mode(_ mode: String, _ way: Way, encrypted: Bool, verified: Bool = false, note: String = "")
      -> SSLModeOutcome
    {
      SSLModeOutcome(
        mode: mode, connects: way.works, encrypted: encrypted && way.works, verified: verified && way.works,
        reason: way.reason + (way.works ? note : ""))
    }
    let checked =
      encrypted.works && verifiesAnyway && !verified ? Way(works: false, reason: chainIssue ?? "") : encrypted
    let namesFail = Way(works: false, reason: "the certificate is not for \(name)")
    rows = [
      mode("disable", plain, encrypted: false),
      plain.works
        ? mode("allow", plain, encrypted: false, note: ", TLS only if that fails")
        : mode("allow", checked, encrypted: true, note: ", after a refusal without TLS"),
      checked.works
        ? mode(
          "prefer", checked, encrypted: true, note: ", not verified; a failure is tried again without TLS")
        : mode("prefer", plain, encrypted: false, note: ", because TLS failed: \(checked.reason)"),
      mode(
        "require", checked, encrypted: true, verified: verifiesAnyway && verified,
        note: verifiesAnyway ? ", chain verified because there is a root file" : ", not verified"),
      mode(
        "verify-ca", !encrypted.works || verified ? encrypted : Way(works: false, reason: chainIssue ?? ""),
        encrypted: true,
        verified: true, note: ", chain verified, any name"),
      mode(
        "verify-full",
        !encrypted.works
          ? encrypted
          : verified ? (nameMatches ? encrypted : namesFail) : Way(works: false, reason: chainIssue ?? ""),
        encrypted: true, verified: true, note: ", chain and name verified"),
    ]
  }

  private static func way(_ answer: FirstAnswer?, success: String) -> Way {
    switch answer {
    case .authentication: Way(works: true, reason: success)
    case .error(let message): Way(works: false, reason: message.message)
    case .closed: Way(works: false, reason: "the server closed the connection")
    case .lost(let words): Way(works: false, reason: words)
    case .silent: Way(works: false, reason: "no answer in time")
    case .foreign(let bytes): Way(works: false, reason: "the answer is not PostgreSQL's: \(bytes.shown)")
    case nil: Way(works: false, reason: "not tried")
    }
  }
}
