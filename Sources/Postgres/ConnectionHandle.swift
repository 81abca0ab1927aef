internal import CLibPQ
internal import Glibc
internal import Sockets

/// Owns libpq's connection and what stands between it and the network, and closes both with itself.
final class ConnectionHandle: @unchecked Sendable {
  // Unchecked: used by one task at a time; a call that has been left alone has it to itself.
  let pointer: OpaquePointer
  private(set) var meter: MeteredSocket?

  init(_ pointer: OpaquePointer) { self.pointer = pointer }

  deinit { PQfinish(pointer) }

  /// Bytes that the server has sent on this connection.
  var received: Int { meter?.received ?? 0 }

  /// Puts the meter in the place of the socket that libpq has opened, after each step of connecting.
  ///
  /// Until the first packet is out, libpq asks the socket itself who the peer is (`requirepeer`); and it opens another
  /// one for the next address, or to try again without TLS.
  ///
  /// - Returns: false when the system has no descriptor left.
  func followSocket() -> Bool {
    let status = PQstatus(pointer)
    guard status != CONNECTION_BAD else { return true }
    if meter?.stands(at: PQsocket(pointer)) == false { meter = nil }
    // MADE is before the first packet, and again when TLS stands.
    guard meter == nil, ![CONNECTION_NEEDED, CONNECTION_STARTED, CONNECTION_MADE].contains(status) else {
      return true
    }
    meter = MeteredSocket(replacing: PQsocket(pointer))
    return meter != nil
  }

  /// Waits until libpq can go on, having sent what it wrote.
  ///
  /// - Returns: false when the deadline came first.
  func ready(_ direction: SocketReadiness.Direction, until deadline: ContinuousClock.Instant) async -> Bool {
    guard let meter else {
      return await SocketReadiness.wait(PQsocket(pointer), direction, until: deadline)
    }
    guard await meter.send(until: deadline) else { return false }
    return direction == .write ? true : await meter.receive(until: deadline)
  }

  /// libpq's last message, with the network's own reason for a connection that failed.
  var message: String {
    var text = String(cString: PQerrorMessage(pointer))
    while text.last?.isNewline == true { text.removeLast() }
    guard let failure = meter?.failure, failure != 0, failure != ECONNRESET else { return text }
    return text.replacing(
      String(cString: strerror(ECONNRESET)), with: String(cString: strerror(failure)))
  }
}
