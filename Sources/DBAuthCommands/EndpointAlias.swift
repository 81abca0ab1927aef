internal import AccessModel
internal import DNS

/// Where a name of the user's own leads, when it is an alias of a database endpoint.
enum EndpointAlias {
  /// How long DNS may take to tell.
  private static let patience: Duration = .seconds(2)

  /// The first AWS endpoint on an alias's way; nil for a name that is one itself, or leads to none.
  nonisolated(nonsending) static func endpoint(behind host: HostName, _ server: NameServer? = nil) async
    -> HostName?
  {
    guard host.form == .name, DatabaseEndpoint(host) == nil else { return nil }
    let resolver = Resolver(servers: server.map { [$0] })
    let names = await resolver.resolve(host.name, until: .now + patience)
    return names.chain.lazy.compactMap { try? HostName($0.target) }.first { DatabaseEndpoint($0) != nil }
  }
}
