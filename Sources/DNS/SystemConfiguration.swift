internal import CAres
internal import Glibc
internal import Sockets

/// How this machine resolves names: resolv.conf(5) and nsswitch.conf(5), as c-ares reads them.
struct SystemConfiguration {
  var servers: [NameServer] = []
  var searchDomains: [String] = []
  /// A name with at least this many dots is tried as it is before the search domains are.
  var dotsForAbsolute = 1
  /// `f` for the hosts file, `b` for DNS, in the order in which they are asked.
  var lookups = "fb"

  /// - Parameter resolverFile: instead of /etc/resolv.conf.
  init(resolverFile: String? = nil) {
    var options = ares_options()
    var mask: Int32 = 0
    let path = resolverFile.flatMap { strdup($0) }
    defer { free(path) }
    if path != nil {
      options.resolvconf_path = path
      mask |= Int32(ARES_OPT_RESOLVCONF)
    }
    var channel: ares_channel?
    guard ares_init_options(&channel, &options, mask) == ARES_SUCCESS, let channel else {
      return
    }
    defer { ares_destroy(channel) }
    servers = Self.servers(of: channel)
    read(channel)
  }

  private mutating func read(_ channel: ares_channel) {
    var saved = ares_options()
    var present: Int32 = 0
    guard ares_save_options(channel, &saved, &present) == ARES_SUCCESS else { return }
    defer { ares_destroy_options(&saved) }
    dotsForAbsolute = Int(saved.ndots)
    searchDomains = (0..<Int(max(saved.ndomains, 0))).compactMap { index in
      saved.domains?[index].map { String(cString: $0) }
    }
    if let order = saved.lookups { lookups = String(cString: order) }
  }

  private static func servers(of channel: ares_channel) -> [NameServer] {
    var first: UnsafeMutablePointer<ares_addr_port_node>?
    guard ares_get_servers_ports(channel, &first) == ARES_SUCCESS else { return [] }
    defer { ares_free_data(first) }
    var servers: [NameServer] = []
    var node = first
    while let entry = node {
      var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
      let port = entry.pointee.udp_port == 0 ? 53 : UInt16(truncatingIfNeeded: entry.pointee.udp_port)
      if ares_inet_ntop(entry.pointee.family, &entry.pointee.addr, &text, ares_socklen_t(text.count)) != nil,
        let address = text.withUnsafeBufferPointer({
          SocketAddress(String(cString: $0.baseAddress!), port: port)
        })
      {
        servers.append(NameServer(address))
      }
      node = entry.pointee.next
    }
    return servers
  }

  /// The names to try for `name`, in order: search domains are for names with few dots first, for others last.
  func candidates(for name: String) -> [String] {
    let absolute = DNSName.withoutTrailingDot(name)
    if name.hasSuffix(".") { return [absolute] }
    let searched = searchDomains.map { "\(absolute).\(DNSName.withoutTrailingDot($0))" }
    let dots = absolute.utf8.count { $0 == UInt8(ascii: ".") }
    return dots >= dotsForAbsolute ? [absolute] + searched : searched + [absolute]
  }
}
