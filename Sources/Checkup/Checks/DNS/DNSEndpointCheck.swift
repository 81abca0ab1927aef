internal import AccessModel
internal import DNS
internal import Identity
internal import Signing
internal import Targets

/// It is clear which endpoint a token must be signed for.
struct DNSEndpointCheck: Check {
  let id = "dns-endpoint"
  let stage = Stage.dns
  let claim = "the endpoint to sign for is known"
  let requires = ["config-target"]
  let after = ["dns-resolve", "config-password"]
  /// The name alone often tells; what DNS has found is looked at besides.
  let usesNetwork = false

  func run(_ run: CheckupRun) async -> Outcome {
    let evidence = await run.evidence
    let settings = evidence.target.settings
    guard let host = evidence.target.host ?? settings["hostaddr"].flatMap({ try? HostName($0) }) else {
      return .notApplicable("the host is an address, without a name")
    }
    let names = [host.name] + (evidence.names?.chain.map(\.target) ?? [])
    let position = names.firstIndex { DatabaseEndpoint($0) != nil }
    let endpoint = position.flatMap { DatabaseEndpoint(names[$0]) }
    let given = run.request.givenPassword.flatMap { $0.withExposed { TokenReading($0) } }
    let signed = run.request.tokenHost?.name ?? endpoint?.host ?? given.map(\.host) ?? host.name
    var facts = EndpointFacts(
      endpoint: run.request.tokenHost.flatMap { DatabaseEndpoint($0) } ?? endpoint
        ?? DatabaseEndpoint(signed),
      isAlias: position.map { $0 > 0 } ?? false, signed: signed,
      signedPort: run.request.tokenPort ?? evidence.target.port,
      beyond: position.map { Array(names[($0 + 1)...]) } ?? [])
    // Whoever turns an alias elsewhere has a certificate for his own endpoint: neither a password nor a token for another
    // one may be sent there.
    let tokenHost = run.request.givenPassword == nil ? signed : given?.host
    facts.tokenName = tokenHost
    facts.isDialled = tokenHost?.lowercased() == facts.endpoint?.host.lowercased()
    let region = Self.region(run.request, signed)
    await run.record { [facts] in
      $0.endpoint = facts
      $0.target.region = region?.name
      $0.target.regionSource = region?.source
    }
    var items = [EvidenceItem("signed for", "\(signed):\(facts.signedPort)")]
    if let kind = facts.endpoint?.kind { items.append(EvidenceItem("class", kind.rawValue)) }
    if let region { items.append(EvidenceItem("signed for region", region.name)) }
    if let tokenHost = run.request.tokenHost {
      return .pass("signed for \(tokenHost), as --token-host says", items)
    }
    guard let endpoint = facts.endpoint else {
      return .pass("\(host) is no AWS endpoint, nor an alias of one", items)
    }
    if facts.isAlias {
      let way =
        facts.isDialled
        ? "signed for that, dialled with host=\(signed) hostaddr=\(evidence.names?.addresses.first?.address ?? "…")"
        : "what is sent is not for that name, so \(host) is dialled"
      return .pass("\(host) is an alias of \(endpoint.host) (\(endpoint.kind.rawValue)): \(way)", items)
    }
    return .pass("\(endpoint.kind.rawValue) endpoint\(endpoint.region.map { " in \($0)" } ?? "")", items)
  }

  /// The region to sign for, as ``RegionChoice`` has it: what was said, else what the endpoint's name tells. SDKs, too,
  /// take the environment's word against the name's.
  private static func region(_ request: CheckupRequest, _ signed: String) -> (name: String, source: String)? {
    if let region = request.region { return (region, request.regionSource ?? "--region") }
    if let said = request.environment.first(of: "AWS_REGION", "AWS_DEFAULT_REGION"),
      let region = try? Region(said.value)
    {
      return (region.description, said.name)
    }
    return (try? HostName(signed)).flatMap { DatabaseEndpoint.regionHint(of: $0) }
      .map { ($0.description, "the endpoint's name") }
  }
}
