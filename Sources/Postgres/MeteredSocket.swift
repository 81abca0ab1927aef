internal import Glibc
internal import Sockets

/// The network as libpq sees it: through a pair of local sockets, a portion at a time, and counted.
///
/// libpq reads for as long as there is something to read and makes room for as long a message as the server announces;
/// nothing in its interface bounds either. So the socket that it has opened is kept here, and one end of the pair
/// stands in its place, under the same number.
final class MeteredSocket: @unchecked Sendable {
  // Unchecked: used by one task at a time, as the connection that it is for.
  private let network: Int32
  private var near: Int32
  /// libpq's own descriptor, which libpq closes.
  private let far: Int32
  /// Tells it from a socket that libpq opens later under the same number.
  private let identity: UInt64
  /// What a full pair of sockets did not take yet.
  private var rest: ArraySlice<UInt8> = []
  /// Bytes that libpq has been given so far.
  private(set) var received = 0
  /// Why the network failed, as errno has it.
  private(set) var failure: Int32 = 0
  private var hasEnded = false

  /// What libpq is given at once: two of the largest records of TLS, and little work before time is looked at again.
  private static let portion = 1 << 15

  /// Takes the socket behind a descriptor of libpq's; nil when the system has no descriptor left.
  init?(replacing descriptor: Int32) {
    var pair: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else { return nil }
    (near, far) = (pair[0], descriptor)
    network = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
    guard network >= 0, dup2(pair[1], descriptor) >= 0 else {
      if network >= 0 { close(network) }
      close(pair[0])
      close(pair[1])
      return nil
    }
    close(pair[1])
    _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    identity = Self.identity(of: descriptor)
  }

  /// Whether libpq still uses it.
  func stands(at descriptor: Int32) -> Bool {
    descriptor == far && Self.identity(of: descriptor) == identity
  }

  private static func identity(of descriptor: Int32) -> UInt64 {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? UInt64(status.st_ino) : 0
  }

  deinit {
    // The farewell that libpq has said to its end.
    _ = forward()
    close(network)
    if near >= 0 { close(near) }
  }

  /// Sends what libpq has written.
  ///
  /// - Returns: false when the deadline came before the network took it all.
  func send(until deadline: ContinuousClock.Instant) async -> Bool {
    while !forward() {
      guard await SocketReadiness.wait(network, .write, until: deadline) else { return false }
    }
    return true
  }

  /// Waits until libpq has something to read, the end of the stream included.
  ///
  /// - Returns: false when the deadline came first.
  func receive(until deadline: ContinuousClock.Instant) async -> Bool {
    guard ContinuousClock.now < deadline else { return false }
    while true {
      if hasEnded || isWaitingForLibPQ { return true }
      if !rest.isEmpty {
        give(rest)
        continue
      }
      guard await SocketReadiness.wait(network, .read, until: deadline) else { return false }
      var (count, code) = (0, Int32(0))
      let bytes = [UInt8](unsafeUninitializedCapacity: Self.portion) { buffer, used in
        (count, code) = (recv(network, buffer.baseAddress, buffer.count, 0), errno)
        used = max(count, 0)
      }
      if count > 0 {
        received += count
        give(bytes[...])
      } else if count == 0 {
        shutdown(near, Int32(SHUT_WR))
        hasEnded = true
      } else if code != EAGAIN, code != EINTR {
        reset(code)
      }
    }
  }

  /// Ends the connection: libpq reads the end of the stream.
  func end() {
    hasEnded = true
    shutdown(network, Int32(SHUT_RDWR))
    if near >= 0 { shutdown(near, Int32(SHUT_RDWR)) }
  }

  private var isWaitingForLibPQ: Bool {
    var count: Int32 = 0
    return ioctl(far, UInt(FIONREAD), &count) == 0 && count > 0
  }

  private func give(_ bytes: ArraySlice<UInt8>) {
    let count = bytes.withUnsafeBytes { Glibc.send(near, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    rest = bytes.dropFirst(max(count, 0))
    if count < 0, errno != EAGAIN, errno != EINTR { hasEnded = true }
  }

  /// False when the network has no room.
  private func forward() -> Bool {
    guard near >= 0 else { return true }
    return withUnsafeTemporaryAllocation(byteCount: Self.portion, alignment: 1) { buffer in
      while true {
        // Looked at first, and taken only when the network has it.
        let count = recv(near, buffer.baseAddress, buffer.count, Int32(MSG_PEEK))
        guard count > 0 else { return true }
        let sent = Glibc.send(network, buffer.baseAddress, count, Int32(MSG_NOSIGNAL))
        if sent < 0, errno == EINTR { continue }
        if sent < 0, errno == EAGAIN { return false }
        // What a broken connection does not take is lost; reading will tell.
        _ = recv(near, buffer.baseAddress, sent < 0 ? count : sent, 0)
      }
    }
  }

  /// Shows libpq a connection that was reset: a peer that goes while something unread is left for it.
  private func reset(_ code: Int32) {
    failure = code
    hasEnded = true
    var byte: UInt8 = 0
    _ = Glibc.send(far, &byte, 1, Int32(MSG_NOSIGNAL))
    close(near)
    near = -1
  }
}
