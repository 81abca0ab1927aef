internal import AccessModel
internal import FoundationEssentials
internal import TLS
internal import Targets

/// Why a certificate is not trusted, or is another one's: what libpq sums up as `certificate verify failed`.
enum TrustRules {
  static func findings(_ evidence: Evidence) -> [Finding] {
    guard let tls = evidence.tls, let trust = evidence.trust else { return [] }
    return bundle(trust, tls) + chain(evidence, trust, tls) + aging(evidence, trust)
      + name(evidence, trust, tls)
  }

  private static func bundle(_ trust: TrustFacts, _ tls: EffectiveTLS) -> [Finding] {
    guard case .failed(let failure) = trust.roots, !tls.usesSystemRoots else { return [] }
    let isMissing = if case .missing = failure { true } else { false }
    // libpq verifies nothing then, and says nothing; doctor sends no secret.
    let isIgnored = !tls.verifiesChain && isMissing && tls.asked == "prefer" && tls.rootSource != .builtIn
    guard tls.verifiesChain || isIgnored else { return [] }
    let id = isMissing ? "tls-root-missing" : "tls-root-garbage"
    return [
      Finding(
        id, isIgnored ? .warning : .error, .certain, check: "tls-bundle",
        reason: "\(failure) (named by \(tls.rootSource ?? .builtIn))",
        fix: "curl -fsSO https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem",
        location: FileLocation(path: failure.path))
    ]
  }

  private static func chain(_ evidence: Evidence, _ trust: TrustFacts, _ tls: EffectiveTLS) -> [Finding] {
    guard tls.verifiesChain, let issues = trust.issues, let issue = issues.first,
      let chain = evidence.handshakes.lazy.compactMap({ $0.observation?.peerChain }).first, !chain.isEmpty
    else { return [] }
    func finding(_ id: String, _ reason: String, fix: String? = nil) -> Finding {
      Finding(
        id, .certain, check: "tls-trust", reason: reason, fix: fix,
        location: tls.rootFile.map { FileLocation(path: $0) })
    }
    if ["require", "prefer", "allow"].contains(tls.asked) {
      return [
        finding(
          "tls-require-verifies",
          "sslmode=\(tls.asked) verifies the chain because \(tls.rootFile ?? "a root file") is there (\(tls.rootSource ?? .builtIn)), and the chain fails: \(issue.text)",
          fix: "name the right bundle: sslrootcert=global-bundle.pem with sslmode=verify-full")
      ]
    }
    let deciding = issues.first { $0.kind == .untrusted } ?? issues.first { $0.kind != .other } ?? issue
    return [
      objection(deciding, chain, tls, evidence)
        ?? (deciding.kind == .expired
          ? finding(
            "tls-stale-bundle", "the root file's certificate \(deciding.subject) has ended",
            fix: renewal(deciding.subject))
          : untrustedChain(evidence, trust, tls, chain, deciding, finding))
    ]
  }

  /// What is wrong with the chain itself, which is not the root file's fault; nil for what is.
  private static func objection(
    _ issue: ChainVerification.Issue, _ chain: [Certificate], _ tls: EffectiveTLS, _ evidence: Evidence
  ) -> Finding? {
    func finding(_ id: String, _ reason: String, in path: String? = nil) -> Finding {
      Finding(
        id, .certain, check: "tls-trust", reason: reason, location: path.map { FileLocation(path: $0) })
    }
    let certificate = issue.depth < chain.count ? chain[issue.depth] : chain[0]
    let lists = tls.revocationFile ?? "the list of revoked certificates"
    switch issue.kind {
    case .notYetValid:
      return finding(
        "tls-not-yet-valid",
        "\(issue.subject) begins \(certificate.notBefore.day), and this machine's clock says \(evidence.date.day)"
      )
    case .expired:
      let isRoot = evidence.trust?.rootCertificates.contains { $0.subject == issue.subject } == true
      guard issue.depth == 0 || !isRoot else { return nil }
      return finding("tls-expired", "\(issue.subject) ended on \(certificate.notAfter.day)")
    case .revoked:
      return finding(
        "tls-revoked", "\(issue.subject) has been revoked by its authority, says \(lists)",
        in: tls.revocationFile)
    case .revocationList:
      return finding(
        "tls-crl-unusable", "\(issue.text): \(lists) does not tell whether \(issue.subject) is revoked",
        in: tls.revocationFile)
    case .purpose:
      return finding(
        "tls-wrong-purpose", "\(issue.subject) is not for TLS servers by its key usage (\(issue.text))")
    case .authority:
      return finding("tls-invalid-ca", "\(issue.text): \(issue.subject) signed a certificate of the chain")
    case .weak:
      return finding("tls-weak-certificate", "\(issue.text): \(issue.subject)")
    case .untrusted, .other:
      return nil
    }
  }

  /// The root that all rests on ends soon: clients need the new one before.
  private static func aging(_ evidence: Evidence, _ trust: TrustFacts) -> [Finding] {
    guard let root = trust.root, root.isSelfSigned else { return [] }
    let days = Int(root.notAfter.timeIntervalSince(evidence.date) / 86_400)
    guard 0..<horizonInDays ~= days else { return [] }
    return [
      Finding(
        "tls-stale-bundle", .warning, .certain, check: "tls-trust",
        reason:
          "the root that verified this server, \(root.commonName ?? root.subject), ends on \(root.notAfter.day), in \(days) days",
        fix: renewal(root.subject))
    ]
  }

  private static let horizonInDays = 90

  /// Where the successor of a root comes from.
  private static func renewal(_ root: String) -> String {
    isRDSAuthority(root)
      ? "curl -fsSO https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem"
      : "get the successor of that root from whoever runs the authority, and add it to the root file before then"
  }

  private static func untrustedChain(
    _ evidence: Evidence, _ trust: TrustFacts, _ tls: EffectiveTLS, _ chain: [Certificate],
    _ issue: ChainVerification.Issue,
    _ finding: (String, String, String?) -> Finding
  ) -> Finding {
    let issuers = chain.map(\.issuer)
    let roots = trust.rootCertificates
    let isRDS = issuers.contains(where: isRDSAuthority)
    let hasRDSRoots = roots.contains { isRDSAuthority($0.subject) }
    let top = chain.last?.issuerCommonName ?? chain.last?.issuer ?? "unknown"
    if evidence.endpoint?.endpoint?.kind == .proxy, !isRDS {
      return finding(
        "tls-proxy-needs-public-roots",
        "RDS Proxy shows a public certificate by \(top), and the root file holds \(hasRDSRoots ? "RDS's private roots" : "other roots") (\(issue.text))",
        "sslrootcert=/etc/ssl/certs/ca-certificates.crt")
    }
    if let last = chain.last, !last.isSelfSigned, !top.contains("Root"), isRDS {
      return finding(
        "tls-untrusted",
        "the server leaves out the certificate of \(top), which signed its own: the way to the roots is cut (\(issue.text))",
        nil)
    }
    if isRDS, hasRDSRoots {
      return finding(
        "tls-stale-bundle", "the root file has roots of RDS's, but not \(top), which signed this certificate",
        "curl -fsSO https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem")
    }
    if isRDS, tls.usesSystemRoots || isSystemFile(tls.rootFile) {
      return finding(
        "tls-system-roots", "\(top) is a private root of RDS's, which no operating system carries",
        "curl -fsSO https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem; sslrootcert=global-bundle.pem"
      )
    }
    return finding(
      "tls-untrusted",
      "\(issue.text): the chain ends at \(top), which is not in \(tls.rootFile ?? "the system's roots")", nil)
  }

  /// `Amazon RDS eu-west-1 Root CA RSA2048 G1` and its like.
  private static func isRDSAuthority(_ name: String) -> Bool { name.contains("Amazon RDS") }

  /// Where operating systems keep their roots in one file.
  private static func isSystemFile(_ path: String?) -> Bool {
    guard let path else { return false }
    return ["/etc/ssl/", "/etc/pki/", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates"]
      .contains { path.hasPrefix($0) }
  }

  private static func name(_ evidence: Evidence, _ trust: TrustFacts, _ tls: EffectiveTLS) -> [Finding] {
    guard let leaf = evidence.handshakes.lazy.compactMap(\.leaf).first, let matches = trust.nameMatches else {
      return []
    }
    func finding(_ id: String, _ reason: String, fix: String? = nil, severity: Severity = .error) -> [Finding]
    {
      [Finding(id, severity, .certain, check: "tls-name", reason: reason, fix: fix)]
    }
    let names = leaf.names.joined(separator: ", ")
    if evidence.target.host?.hadTrailingDot == true {
      let bare = evidence.target.host?.name ?? ""
      let fails = tls.verifiesName && !matches
      return finding(
        "dns-trailing-dot",
        "the host ends with a dot; certificates and tokens carry \(bare)\(fails ? ", so verify-full fails" : "")",
        fix: ShellText.word("host=\(bare)"), severity: fails ? .error : .warning)
    }
    if leaf.dnsNames.isEmpty, leaf.ipAddresses.isEmpty, matches || !tls.verifiesName {
      return finding(
        "tls-legacy-cn",
        "the certificate has no subject alternative names; libpq takes its common name, Go and browsers do not",
        severity: .warning)
    }
    guard tls.verifiesName, !matches else { return [] }
    let host = trust.name
    if ["localhost", "127.0.0.1", "::1"].contains(host.lowercased()) || host.hasPrefix("127.") {
      return finding(
        "tls-tunnel-localhost",
        "this end of a tunnel is dialled (\(host)), and the certificate names \(names)",
        fix: "-d "
          + ShellText.word(
            "host=\(dialable(leaf) ?? "<endpoint>") hostaddr=127.0.0.1 port=\(evidence.target.port)"))
    }
    if evidence.endpoint?.endpoint?.kind == .proxy,
      leaf.dnsNames.contains(where: { isOneLabelShort($0, of: host) })
    {
      return finding(
        "tls-proxy-endpoint-san", "\(host) has one label more than the wildcard \(names) covers",
        fix: "dial the proxy's default endpoint")
    }
    let alias = (try? HostName(host)).flatMap { DatabaseEndpoint($0) } == nil
    return finding(
      "tls-name-mismatch", "\(host) was dialled, and the certificate names \(names)",
      fix: alias ? "dial host=<endpoint> hostaddr=<address>, and sign for the endpoint" : nil)
  }

  /// The first of a certificate's names that can be dialled, as a connection string takes it unquoted; a certificate
  /// can say anything, and wildcards are no hosts.
  private static func dialable(_ leaf: Certificate) -> String? {
    leaf.dnsNames.lazy.compactMap { try? HostName($0) }.first { host in
      host.form == .name
        && host.name.utf8.allSatisfy { byte in
          switch byte {
          case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
          default: false
          }
        }
    }?.name
  }

  /// Whether a wildcard would match if the name had one label less: `*.proxy-x.…` and `a.endpoint.proxy-x.…`.
  private static func isOneLabelShort(_ pattern: String, of host: String) -> Bool {
    pattern.hasPrefix("*.") && host.lowercased().hasSuffix(pattern.dropFirst().lowercased())
  }
}
