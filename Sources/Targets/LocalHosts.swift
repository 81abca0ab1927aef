/// Those of libpq's list of hosts that are this machine, with the addresses that make them so: they are dialled by these.
public struct LocalHosts: Sendable {
  private let hosts: [String]
  private var addresses: [String: [String]] = [:]

  /// Looks up those of the settings' hosts that may be this machine; none with `hostaddr`, with which libpq asks nobody.
  ///
  /// - Parameter end: what is not known by then is another machine.
  public nonisolated(nonsending) init(_ settings: ConnectionSettings, until end: ContinuousClock.Instant)
    async
  {
    guard settings["hostaddr"] == nil, let list = settings["host"] else {
      hosts = []
      return
    }
    hosts = list.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    for host in Set(hosts) {
      let found = await LocalName.addresses(of: host, until: end)
      if !found.isEmpty { addresses[host] = found }
    }
  }

  /// Whether a host leads to this machine and nowhere else.
  public func contains(_ host: String) -> Bool { addresses[host] != nil }

  /// `host` and `hostaddr` for libpq, which are lists of the same length; nil when no host is this machine.
  public var list: (hosts: String, addresses: String)? {
    guard !addresses.isEmpty else { return nil }
    // A list of ports goes with the list of hosts as it was given.
    if hosts.count == 1, let all = addresses[hosts[0]] {
      return (all.map { _ in hosts[0] }.joined(separator: ","), all.joined(separator: ","))
    }
    return (hosts.joined(separator: ","), hosts.map { addresses[$0]?.first ?? "" }.joined(separator: ","))
  }
}
