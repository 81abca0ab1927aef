internal import AccessModel
internal import DNS
internal import Sockets
internal import Targets

/// The host's name leads to addresses.
struct DNSResolveCheck: Check {
  let id = "dns-resolve"
  let stage = Stage.dns
  let claim = "the host's name leads to an address"
  let requires = ["config-target"]

  func run(_ run: CheckupRun) async -> Outcome {
    let target = await run.evidence.target
    guard let host = target.host?.name ?? target.settings["hostaddr"] else {
      return .unknown("there is no host")
    }
    let servers = run.request.nameServers
    let resolver = Resolver(servers: servers, hostsFile: servers == nil ? "/etc/hosts" : nil)
    if let address = target.settings["hostaddr"] {
      guard let parsed = SocketAddress(address, port: 0) else {
        return .fail("hostaddr “\(address)” is not an address")
      }
      // libpq dials hostaddr and asks nobody. Only an alias is looked up, for the endpoint that it leads to.
      var names = Resolution(question: host, source: .literal)
      if target.host?.form == .name, DatabaseEndpoint(host) == nil {
        names = await resolver.resolve(host, until: run.deadline(.seconds(2)))
      }
      names.addresses = [AddressRecord(address: parsed.host, isIPv6: parsed.family == .ipv6)]
      names.status = .answered
      names.source = .literal
      let resolution = names
      await run.record { $0.names = resolution }
      return .pass("\(parsed.host), as hostaddr says")
    }
    let names = await resolver.resolve(host, until: run.deadline(deadline))
    await run.record { $0.names = names }
    let evidence = [
      EvidenceItem("server", names.server ?? (names.source == .hosts ? "/etc/hosts" : "none answered")),
      EvidenceItem("took", names.duration.inMilliseconds),
    ]
    guard names.status == .answered else {
      return .fail("\(host): \(names.status.explanation)", evidence)
    }
    let addresses = names.addresses.map(\.address).joined(separator: ", ")
    return .pass("\(addresses)", evidence)
  }
}

extension DNSStatus {
  /// In words, for a message.
  var explanation: String {
    switch self {
    case .answered: "answered"
    case .noData: "the name exists, but has no address"
    case .nxDomain: "the name does not exist (NXDOMAIN)"
    case .timedOut: "no name server answered in time"
    case .serverFailure: "the name server could not find out (SERVFAIL)"
    case .refused: "the name server refuses to answer (REFUSED)"
    case .malformed: "the name server's answer could not be read"
    case .unreachable: "the name server cannot be reached"
    case .invalidName: "it cannot be a name in DNS"
    }
  }
}
