internal import AccessModel
internal import DNS
internal import FoundationEssentials
internal import Signing

/// The token is for just this host, port, user and region, and still fresh.
struct TokenFactsCheck: Check {
  let id = "token-facts"
  let stage = Stage.token
  let claim = "the token is whole, fresh, and for this login"
  let requires = ["cred-chain", "dns-endpoint"]
  let after = ["config-password", "route-rules"]

  func run(_ run: CheckupRun) async -> Outcome {
    let evidence = await run.evidence
    let request = run.request
    let target = evidence.target
    let endpoint = evidence.endpoint
    // The canonical host of a signature is in lower case (SigV4, as botocore has it).
    let signed = (endpoint?.signed ?? target.host?.name ?? "").lowercased()
    if let given = request.givenPassword {
      let expected = TokenExpectation(
        host: Self.expectedHost(evidence), port: endpoint?.signedPort ?? target.port, user: target.user,
        region: evidence.target.region.flatMap { try? Region($0) },
        service: endpoint?.endpoint.map { $0.kind == .dsql ? .dsql : .rds })
      let inspection = given.withExposed { TokenInspection($0, expected: expected, now: request.date) }
      await run.keep(token: given)
      guard let reading = inspection.reading else {
        return .notApplicable("the password is no token")
      }
      let facts = Self.facts(reading, inspection.faults, isGiven: true)
      await run.record { $0.token = facts }
      return .pass(
        "given: for \(reading.user ?? "?") at \(reading.host):\(reading.portText ?? "?")", facts.evidence)
    }
    guard let credentials = await run.credentials else {
      return .unknown("there are no credentials to sign with")
    }
    guard let text = target.region, let region = try? Region(text) else {
      return .fail("nothing tells the region: \(signed) does not, and neither --region nor AWS_REGION is set")
    }
    guard !target.user.isEmpty, !signed.isEmpty else { return .unknown("the host or the user is missing") }
    let port = endpoint?.signedPort ?? target.port
    let token: SignedToken =
      endpoint?.endpoint?.kind == .dsql
      ? DSQLToken.sign(
        host: signed, action: target.user == "admin" ? .connectAdmin : .connect, region: region,
        credentials: credentials, date: request.date)
      : RDSToken.sign(
        host: signed, port: port, user: target.user, region: region, credentials: credentials,
        date: request.date)
    await run.keep(token: token.token)
    let expected = TokenExpectation(host: signed, port: port, user: target.user, region: region)
    let inspection = token.token.withExposed { TokenInspection($0, expected: expected, now: request.date) }
    let reading = inspection.reading
    let facts = reading.map { Self.facts($0, inspection.faults, isGiven: false) }
    await run.record { $0.token = facts }
    return .pass("made here, in \(region)", facts?.evidence ?? [])
  }

  /// The host that the server checks a token against, as far as it is known.
  private static func expectedHost(_ evidence: Evidence) -> String? {
    if let tokenHost = evidence.target.tokenHost { return tokenHost.name }
    let names = [evidence.target.host?.name].compactMap { $0 } + (evidence.names?.chain.map(\.target) ?? [])
    return names.first { DatabaseEndpoint($0) != nil }
  }

  private static func facts(_ reading: TokenReading, _ faults: [TokenFault], isGiven: Bool) -> TokenFacts {
    var items = [
      EvidenceItem("for", "\(reading.user ?? "?") at \(reading.host):\(reading.portText ?? "?")"),
      EvidenceItem("scope", "\(reading.scope?.region ?? "?")/\(reading.scope?.service ?? "?")"),
      EvidenceItem(
        "key", "…\(reading.accessKeyIDSuffix ?? "?")\(reading.hasSessionToken ? " with a session token" : "")"
      ),
      EvidenceItem("length", "\(reading.length) bytes"),
    ]
    if let signedAt = reading.signedAt { items.append(EvidenceItem("signed at", UTCTime(signedAt).iso8601)) }
    return TokenFacts(
      evidence: items, faults: faults, length: reading.length, isGiven: isGiven, host: reading.host)
  }
}
