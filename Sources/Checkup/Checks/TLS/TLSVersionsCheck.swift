internal import AccessModel
internal import Postgres
internal import Sockets
internal import TLS
internal import Targets

/// The handshake comes to its end, at every address.
struct TLSVersionsCheck: Check {
  let id = "tls-versions"
  let stage = Stage.tls
  let claim = "a TLS handshake works"
  let requires = ["tls-offered"]
  let after = ["dns-endpoint"]
  let connections = 1

  func run(_ run: CheckupRun) async -> Outcome {
    let evidence = await run.evidence
    let offering = evidence.handshakes.filter { $0.answer == .offered }
    guard !offering.isEmpty else { return .notApplicable("there is no TLS here") }
    let options = Self.options(evidence)
    let end = run.deadline(deadline)
    let done = await withTaskGroup(of: HandshakeFacts.self) { group in
      for facts in offering {
        guard let connection = await run.takeConnection(to: facts.address) else { continue }
        group.addTask {
          var facts = facts
          do throws(TLSFailure) {
            let encrypted = try await TLSConnection.handshake(over: connection, options: options, until: end)
            facts.observation = encrypted.observation
            await run.keep(encrypted, for: facts.address)
          } catch {
            facts.failure = error
          }
          return facts
        }
      }
      return await group.reduce(into: [SocketAddress: HandshakeFacts]()) { $0[$1.address] = $1 }
    }
    let handshakes = evidence.handshakes.map { done[$0.address] ?? $0 }
    await run.record { $0.handshakes = handshakes }
    let items = handshakes.flatMap(Self.items)
    guard let first = handshakes.first(where: { $0.answer == .offered }) else {
      return .unknown("nothing to see")
    }
    guard let observation = first.observation else {
      let spoken =
        first.failure?.isVersionMismatch == true ? await version(spokenBy: first.address, options, end) : nil
      let others = spoken.map { [EvidenceItem("the server speaks", $0)] } ?? []
      if let spoken { await run.record { $0.spokenVersion = spoken } }
      return .fail(first.failure.map { "\($0)" } ?? "the handshake failed", items + others)
    }
    let retry = observation.helloRetryRequest ? ", after a HelloRetryRequest" : ""
    return .pass(
      "\(observation.version), \(observation.cipher)\(observation.group.map { ", \($0)" } ?? "")\(retry)",
      items)
  }

  /// The version that the server chooses when every version is offered.
  private func version(
    spokenBy address: SocketAddress, _ options: TLSOptions, _ end: ContinuousClock.Instant
  ) async -> String? {
    var options = options
    options.minimumVersion = .tls10
    options.maximumVersion = nil
    return await TLSProbe.handshake(address, options: options, until: end)?.observation.version
  }

  /// What libpq would offer with these parameters.
  static func options(_ evidence: Evidence) -> TLSOptions {
    let settings = evidence.target.settings
    var options = TLSOptions(serverName: evidence.endpoint?.signed ?? evidence.target.host?.name)
    if evidence.endpoint?.endpoint == nil || evidence.endpoint?.isDialled == false {
      options.serverName = evidence.target.host?.name
    }
    if let text = settings["ssl_min_protocol_version"], let version = TLSVersion(libpq: text) {
      options.minimumVersion = version
    }
    options.maximumVersion = settings["ssl_max_protocol_version"].flatMap { TLSVersion(libpq: $0) }
    if settings["sslsni"] == "0" { options.serverName = nil }
    if settings["sslnegotiation"] == "direct" { options.applicationProtocols = ["postgresql"] }
    return options
  }

  private static func items(_ facts: HandshakeFacts) -> [EvidenceItem] {
    if let failure = facts.failure { return [EvidenceItem("\(facts.address)", "\(failure)")] }
    guard let observation = facts.observation else { return [] }
    return [
      EvidenceItem(
        "\(facts.address)",
        "\(observation.version) in \(observation.duration.inMilliseconds), "
          + "\(observation.peerChain.count) certificate\(observation.peerChain.count == 1 ? "" : "s")")
    ]
  }
}

extension TLSVersion {
  /// A version as libpq writes it, in any case: `TLSv1.2`.
  init?(libpq text: String) {
    guard let version = Self.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) else {
      return nil
    }
    self = version
  }
}
