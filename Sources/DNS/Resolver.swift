internal import AccessModel
internal import Sockets

/// Resolves names and shows the whole way: aliases, lifetimes, servers and what each of them said.
public struct Resolver: Sendable {
  /// The most aliases that are followed; c-ares and glibc stop at about as many.
  public static let hopLimit = 16

  private let servers: [NameServer]?
  private let timeout: Duration
  private let hostsFile: String?
  private let resolverFile: String?

  /// - Parameters:
  ///   - servers: asked in this order, and nobody else: no hosts file and no search domains. nil is the system's
  ///     configuration with both.
  ///   - timeout: how long a server may take at first; the second and last round allows twice that.
  ///   - hostsFile: where the system keeps its own names; nil leaves it out.
  ///   - resolverFile: instead of /etc/resolv.conf.
  public init(
    servers: [NameServer]? = nil, timeout: Duration = .seconds(1), hostsFile: String? = "/etc/hosts",
    resolverFile: String? = nil
  ) {
    self.servers = servers
    self.timeout = timeout
    self.hostsFile = hostsFile
    self.resolverFile = resolverFile
  }

  /// Follows `name` to its addresses. Never later than the deadline, whatever the servers do.
  public func resolve(_ name: String, until deadline: ContinuousClock.Instant) async -> Resolution {
    let started = ContinuousClock.now
    var resolution = await answer(name, deadline)
    resolution.duration = .now - started
    return resolution
  }

  private func answer(_ name: String, _ deadline: ContinuousClock.Instant) async -> Resolution {
    if let address = SocketAddress(name, port: 0) ?? SocketAddress(abbreviated: name, port: 0) {
      let record = AddressRecord(address: address.host, isIPv6: address.family == .ipv6)
      return Resolution(question: name, addresses: [record], source: .literal)
    }
    if let servers {
      return await ask([DNSName.withoutTrailingDot(name)], for: name, servers, deadline)
    }
    let system = SystemConfiguration(resolverFile: resolverFile)
    var last: Resolution?
    for place in system.lookups {
      switch place {
      case "f":
        guard let hostsFile, let found = HostsFile(path: hostsFile).lookUp(name) else { continue }
        return Resolution(
          question: name, name: DNSName.withoutTrailingDot(name), addresses: found, source: .hosts)
      case "b":
        let resolution = await ask(system.candidates(for: name), for: name, system.servers, deadline)
        if resolution.status == .answered { return resolution }
        last = resolution
      default: continue
      }
    }
    return last ?? Resolution(question: name, status: .nxDomain, source: .hosts)
  }

  /// Tries the candidates until one has an answer, or a server fails; what is reported otherwise is the name as it
  /// was given.
  private func ask(
    _ candidates: [String], for question: String, _ servers: [NameServer], _ deadline: ContinuousClock.Instant
  ) async -> Resolution {
    var asGiven: Resolution?
    var queries: [DNSQuery] = []
    for name in candidates {
      var walk = CNAMEWalk(question: question, name: name)
      await walk.run(NameServerRotation(servers: servers, timeout: timeout, deadline: deadline))
      queries += walk.resolution.queries
      walk.resolution.queries = queries
      if ![.nxDomain, .noData].contains(walk.resolution.status) || !walk.resolution.chain.isEmpty {
        return walk.resolution
      }
      if asGiven == nil || name == DNSName.withoutTrailingDot(question) { asGiven = walk.resolution }
    }
    asGiven?.queries = queries
    return asGiven ?? Resolution(question: question, status: .invalidName)
  }
}
