internal import AccessModel
internal import DNS
internal import Glibc
internal import Sockets

/// Hosts that are this machine, and are not written as a loopback address: `localhost` and the names below it, names of the
/// system's own table, and abbreviated addresses (`127.1`).
public enum LocalName {
  /// The loopback addresses of a host that has no others; none of any other host, and none when the time is up.
  ///
  /// A name that is not below `localhost` is this machine by its own table alone, and no AWS endpoint ever is. Who relies on
  /// the answer has to dial these addresses: another lookup may say something else.
  public static func addresses(
    of host: String, hostsFile: String = "/etc/hosts", until end: ContinuousClock.Instant
  ) async -> [String] {
    if let listed = listed(host, hostsFile) { return listed }
    guard (try? HostName(host))?.form == .localhost else { return [] }
    return await UnboundedCall.run(until: end) { lookUp(host) } ?? []
  }

  /// Whether a host is below `localhost`, or this machine without anybody's being asked.
  public static func isListed(_ host: String, hostsFile: String = "/etc/hosts") -> Bool {
    if let listed = listed(host, hostsFile) { return !listed.isEmpty }
    return (try? HostName(host))?.form == .localhost
  }

  /// What an abbreviated address means, or the system's table says; nil when neither knows the host.
  private static func listed(_ host: String, _ hostsFile: String) -> [String]? {
    guard let name = try? HostName(host), name.form == .name || name.form == .localhost,
      DatabaseEndpoint(name) == nil
    else { return [] }
    if let meant = SocketAddress(abbreviated: host, port: 0) { return meant.isLoopback ? [meant.host] : [] }
    guard let found = HostsFile(path: hostsFile).lookUp(host) else { return nil }
    return found.allSatisfy { isLoopback($0.address) } ? found.map(\.address) : []
  }

  /// The system's answer, if it is nothing but loopback addresses.
  private static func lookUp(_ host: String) -> [String] {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(host, nil, &hints, &first) == 0, let first else { return [] }
    defer { freeaddrinfo(first) }
    let addresses = sequence(first: first, next: \.pointee.ai_next).map { entry in
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let given = getnameinfo(
        entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
      return given == 0
        ? String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self) : ""
    }
    return addresses.allSatisfy(isLoopback) ? addresses : []
  }

  private static func isLoopback(_ address: String) -> Bool {
    SocketAddress(address, port: 0)?.isLoopback == true
  }
}
