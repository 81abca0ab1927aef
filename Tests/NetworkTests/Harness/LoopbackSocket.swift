@preconcurrency import Dispatch
import Glibc

@testable import Sockets

/// A bare socket on loopback, for peers that behave in ways no real server does.
final class LoopbackSocket: Sendable {
  struct Failed: Error { let code = errno }

  let descriptor: Int32
  let address: SocketAddress

  private init(_ descriptor: Int32) throws {
    guard let address = SocketAddress(localEndOf: descriptor) else { throw Failed() }
    (self.descriptor, self.address) = (descriptor, address)
  }

  deinit { close(descriptor) }

  static func udp(_ host: String = "127.0.0.1") throws -> LoopbackSocket { try bound(SOCK_DGRAM, host) }

  /// - Parameter backlog: how many connections the system opens before anybody accepts them.
  static func listening(_ host: String = "127.0.0.1", backlog: Int32 = 16) throws -> LoopbackSocket {
    let socket = try bound(SOCK_STREAM, host)
    guard listen(socket.descriptor, backlog) == 0 else { throw Failed() }
    return socket
  }

  /// A port where nobody listens, at least a moment ago.
  static func freePort() throws -> UInt16 { try listening().address.port }

  private static func bound(_ kind: __socket_type, _ host: String) throws -> LoopbackSocket {
    guard let address = SocketAddress(host, port: 0) else { throw Failed() }
    let descriptor = socket(address.systemFamily, Int32(kind.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0, address.withSystemAddress({ bind(descriptor, $0, $1) }) == 0 else {
      throw Failed()
    }
    return try LoopbackSocket(descriptor)
  }
}

/// A TCP peer that does one thing to everyone who connects.
final class ScriptedPeer: Sendable {
  enum Behaviour: Sendable {
    /// Sends these bytes after the first that it gets, and closes.
    case answer([UInt8])
    /// Sends these bytes to everybody, unasked.
    case greet([UInt8])
    /// Closes at once.
    case close
    /// Reads once, then cuts the connection with a reset.
    case reset
    /// Accepts, reads and never says anything.
    case silence
  }

  private let socket: LoopbackSocket
  private let source: any DispatchSourceRead
  var address: SocketAddress { socket.address }

  init(_ behaviour: Behaviour) throws {
    let socket = try LoopbackSocket.listening()
    // A queue of its own: what follows blocks, which the global queue, where tasks run, must not.
    let source = DispatchSource.makeReadSource(
      fileDescriptor: socket.descriptor, queue: DispatchQueue(label: "scripted-peer"))
    (self.socket, self.source) = (socket, source)
    source.setEventHandler { Self.serve(accept(socket.descriptor, nil, nil), behaviour) }
    source.resume()
  }

  deinit { source.cancel() }

  private static func serve(_ client: Int32, _ behaviour: Behaviour) {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    switch behaviour {
    case .answer(let bytes):
      recv(client, &buffer, buffer.count, 0)
      send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
      shutdown(client, Int32(SHUT_WR))
      recv(client, &buffer, buffer.count, 0)
    case .greet(let bytes):
      send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
      recv(client, &buffer, buffer.count, 0)
    case .close: break
    case .reset:
      recv(client, &buffer, 1, 0)
      var option = linger(l_onoff: 1, l_linger: 0)
      setsockopt(client, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    case .silence: return  // stays open until the test's process ends
    }
    close(client)
  }
}
