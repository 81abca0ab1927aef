internal import Glibc

/// What this machine's routing table says, asked without sending a packet.
public enum LocalRoutes {
  /// The address from which this machine would dial `destination`.
  ///
  /// Connecting a UDP socket makes the kernel choose a route and a source address, and sends nothing.
  ///
  /// - Throws: `TCPFailure.unreachable` when there is no route.
  public static func sourceAddress(for destination: SocketAddress) throws(TCPFailure) -> SocketAddress {
    let kind = Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(destination.systemFamily, kind, 0)
    guard descriptor >= 0 else { throw TCPFailure(errno: errno) }
    defer { close(descriptor) }
    guard destination.withSystemAddress({ connect(descriptor, $0, $1) }) == 0,
      let source = SocketAddress(localEndOf: descriptor)
    else { throw TCPFailure(errno: errno) }
    return source.at(port: 0)
  }
}
