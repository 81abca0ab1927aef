internal import Glibc
internal import Sockets

/// `localhost` and the names below it, which are this machine only where the system says so.
public enum LocalName {
  /// Whether the system leads a name to loopback addresses and to nothing else.
  public static func isThisMachine(_ name: String) -> Bool {
    var hints = addrinfo()
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var first: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(name, nil, &hints, &first) == 0, let first else { return false }
    defer { freeaddrinfo(first) }
    return sequence(first: first, next: \.pointee.ai_next).allSatisfy { entry in
      var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
      let given = getnameinfo(
        entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
      let address = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
      return given == 0 && SocketAddress(address, port: 0)?.isLoopback == true
    }
  }
}
