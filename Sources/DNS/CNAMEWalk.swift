/// The way from a name over its aliases to addresses, by as many questions as it takes.
struct CNAMEWalk {
  private(set) var current: String
  private var passed: Set<String>
  var resolution: Resolution

  init(question: String, name: String) {
    current = name
    passed = [DNSName.key(name)]
    resolution = Resolution(question: question, name: name, status: .noData)
  }

  /// Asks for both families side by side, follows what the answers say, and asks again where they stop at an alias.
  mutating func run(_ servers: NameServerRotation) async {
    while true {
      let name = current
      async let ipv4 = servers.ask(name, .a)
      async let ipv6 = servers.ask(name, .aaaa)
      let outcomes = await [ipv4, ipv6]
      resolution.queries += outcomes.flatMap(\.queries)
      if let server = outcomes.compactMap(\.server).first { resolution.server = server.description }

      follow(outcomes.flatMap(\.answer.aliases))
      if resolution.loop || resolution.hopLimitReached {
        resolution.status = .noData
        return
      }
      resolution.addresses = addresses(in: outcomes)
      resolution.status =
        resolution.addresses.isEmpty ? Self.gravest(outcomes.map(\.answer.status)) : .answered
      // A name that does not exist is the chain's end (RFC 6604 §3). An alias without addresses may only be the end
      // of what this server knows.
      let stoppedAtAlias = current != name && resolution.addresses.isEmpty
      guard stoppedAtAlias, resolution.status != .nxDomain else { return }
    }
  }

  private mutating func follow(_ aliases: [CNAMERecord]) {
    while let record = aliases.first(where: { DNSName.key($0.owner) == DNSName.key(current) }) {
      guard resolution.chain.count < Resolver.hopLimit else {
        resolution.hopLimitReached = true
        return
      }
      resolution.chain.append(record)
      current = record.target
      guard passed.insert(DNSName.key(current)).inserted else {
        resolution.loop = true
        return
      }
    }
  }

  private func addresses(in outcomes: [NameServerRotation.Outcome]) -> [AddressRecord] {
    let key = DNSName.key(current)
    var found: [AddressRecord] = []
    for address in outcomes.flatMap(\.answer.addresses) where DNSName.key(address.owner) == key {
      if !found.contains(address.record) { found.append(address.record) }
    }
    return found
  }

  /// What stood in the way when neither family had an address. A name that does not exist has neither; after that,
  /// a question without an answer says more than one whose answer was “none”.
  private static func gravest(_ statuses: [DNSStatus]) -> DNSStatus {
    let order: [DNSStatus] = [
      .invalidName, .nxDomain, .timedOut, .serverFailure, .refused, .malformed, .unreachable,
    ]
    return order.first { statuses.contains($0) } ?? .noData
  }
}
