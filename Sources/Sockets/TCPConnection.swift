internal import Glibc

/// One TCP connection; it closes with the last reference to it.
public final class TCPConnection: ByteChannel {
  private let descriptor: Int32
  public let remoteAddress: SocketAddress
  /// From where this machine dialled.
  public let localAddress: SocketAddress
  /// How long the connection took to open: one round trip and what the two systems needed.
  public let openedIn: Duration

  private init(
    adopting descriptor: Int32, to remote: SocketAddress, from local: SocketAddress, openedIn: Duration
  ) {
    (self.descriptor, remoteAddress, localAddress) = (descriptor, remote, local)
    self.openedIn = openedIn
  }

  deinit { Glibc.close(descriptor) }

  /// Connects, or says why not.
  ///
  /// Segments go out at once (TCP_NODELAY), as libpq has it, so that measured phases do not contain Nagle's delay.
  public static func open(
    to address: SocketAddress, until deadline: ContinuousClock.Instant
  ) async throws(TCPFailure) -> TCPConnection {
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    let descriptor = socket(address.systemFamily, kind, Int32(IPPROTO_TCP))
    guard descriptor >= 0 else { throw TCPFailure(errno: errno) }
    do throws(TCPFailure) {
      var yes: Int32 = 1
      setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
      let started = ContinuousClock.now
      if address.withSystemAddress({ connect(descriptor, $0, $1) }) != 0 {
        guard errno == EINPROGRESS || errno == EINTR else { throw TCPFailure(errno: errno) }
        guard await SocketReadiness.wait(descriptor, .write, until: deadline) else { throw .timedOut }
        let outcome = pendingError(of: descriptor)
        guard outcome == 0 else { throw TCPFailure(errno: outcome) }
      }
      let openedIn = ContinuousClock.now - started
      guard let local = SocketAddress(localEndOf: descriptor) else { throw TCPFailure(errno: errno) }
      return TCPConnection(adopting: descriptor, to: address, from: local, openedIn: openedIn)
    } catch {
      Glibc.close(descriptor)
      throw error
    }
  }

  /// The kernel's smoothed estimate of the round trip so far, to the microsecond; nil when it has none.
  public var roundTrip: Duration? {
    var info = tcp_info()
    var length = socklen_t(MemoryLayout<tcp_info>.size)
    guard getsockopt(descriptor, Int32(IPPROTO_TCP), TCP_INFO, &info, &length) == 0, info.tcpi_rtt > 0 else {
      return nil
    }
    return .microseconds(Int64(info.tcpi_rtt))
  }

  public func write(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) async throws(TCPFailure) {
    var sent = 0
    while sent < bytes.count {
      guard ContinuousClock.now < deadline else { throw .timedOut }
      // MSG_NOSIGNAL: a peer that has gone is an error here, not a SIGPIPE for the process.
      let (count, code) = bytes[sent...].withUnsafeBytes { buffer in
        (send(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL)), errno)
      }
      if count >= 0 {
        sent += count
      } else {
        try await retry(after: code, when: .write, until: deadline)
      }
    }
  }

  public func read(
    atMost limit: Int, until deadline: ContinuousClock.Instant
  ) async throws(TCPFailure) -> [UInt8] {
    while true {
      // A peer that always has something to say would otherwise never be cut short.
      guard ContinuousClock.now < deadline else { throw .timedOut }
      var (count, code) = (0, Int32(0))
      let bytes = [UInt8](unsafeUninitializedCapacity: max(limit, 1)) { buffer, used in
        (count, code) = (recv(descriptor, buffer.baseAddress, buffer.count, 0), errno)
        used = max(count, 0)
      }
      if count >= 0 { return bytes }
      try await retry(after: code, when: .read, until: deadline)
    }
  }

  /// Ends both directions now; the peer sees the end of the stream, and reads here return empty.
  public func close() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// Waits when `code` says that the socket is not ready, and throws for everything else.
  private func retry(
    after code: Int32, when direction: SocketReadiness.Direction, until deadline: ContinuousClock.Instant
  ) async throws(TCPFailure) {
    switch code {
    case EINTR: return
    case EAGAIN:
      guard await SocketReadiness.wait(descriptor, direction, until: deadline) else { throw .timedOut }
    default: throw TCPFailure(errno: code)
    }
  }

  private static func pendingError(of descriptor: Int32) -> Int32 {
    var code: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &length) == 0 ? code : errno
  }
}
