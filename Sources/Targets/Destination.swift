internal import AccessModel
internal import Sockets

/// Where a connection's packets go, as far as that matters to a secret in them.
public enum Destination: Sendable, Hashable {
  /// A Unix-domain socket, which no packet leaves this machine by.
  case unixSocket
  /// An address of this machine's own, under no name or under one that nobody else has issued.
  case loopback
  /// An AWS database endpoint by its own name, wherever the packets go: its certificate carries that name.
  case endpoint(String)
  /// A name that DNS or a hosts file leads somewhere.
  case name(String)
  /// An address of another machine.
  case address(String)

  /// Whether a secret may go there as libpq has it: it stays on this machine.
  public var isLocal: Bool { self == .unixSocket || self == .loopback }
}

extension ConnectionSettings {
  /// Where libpq would connect to, one for each of a list of hosts.
  ///
  /// `hostaddr` decides where packets go, also beside a socket's folder or `localhost` as host
  /// (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-HOSTADDR).
  ///
  /// - Parameter isThisMachine: whether a name leads to loopback addresses and nowhere else, and is dialled by these.
  public func destinations(isThisMachine: (String) -> Bool) -> [Destination] {
    func list(_ keyword: String) -> [String] {
      self[keyword]?.split(separator: ",", omittingEmptySubsequences: false).map(String.init) ?? []
    }
    let (hosts, addresses) = (list("host"), list("hostaddr"))
    return (0..<max(hosts.count, addresses.count, 1)).map { index in
      Self.destination(
        host: index < hosts.count ? hosts[index] : "",
        address: index < addresses.count ? addresses[index] : "", isThisMachine)
    }
  }

  private static func destination(
    host: String, address: String, _ isThisMachine: (String) -> Bool
  ) -> Destination {
    // What cannot be a host at all is nobody's, and is treated like a stranger's name.
    let name = try? HostName(host)
    if let name, DatabaseEndpoint(name) != nil { return .endpoint(name.name) }
    if !address.isEmpty {
      if SocketAddress(address, port: 0)?.isLoopback == true { return .loopback }
      return name?.form == .name ? .name(host) : .address(address)
    }
    if host.isEmpty { return .unixSocket }
    switch name?.form {
    case .socket: return .unixSocket
    case .ipv4, .ipv6: return SocketAddress(host, port: 0)?.isLoopback == true ? .loopback : .address(host)
    case .localhost, .name: return isThisMachine(host) ? .loopback : .name(host)
    case nil: return .name(host)
    }
  }
}
