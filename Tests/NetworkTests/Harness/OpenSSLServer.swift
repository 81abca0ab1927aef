import Foundation
import Sockets
import TLS
import Testing

/// OpenSSL's own test server, on a free port of loopback.
struct OpenSSLServer {
  let program: RunningProgram
  let address: SocketAddress

  /// - Parameters:
  ///   - certificate: the name of the certificate, and of its key.
  ///   - arguments: further options of `openssl s_server`.
  static func start(_ certificate: String = "server", _ arguments: [String] = []) async throws
    -> OpenSSLServer
  {
    let made = try await TestCertificates.made.value
    let program = try await RunningProgram.start(
      "/usr/bin/openssl",
      [
        "s_server", "-accept", "127.0.0.1:0", "-cert", made.path("\(certificate).pem"),
        "-key", made.path("\(certificate).key"),
      ] + arguments, until: "ACCEPT 127.0.0.1:")
    let port = program.text.components(separatedBy: "ACCEPT 127.0.0.1:").last?.prefix { $0.isNumber }
    return OpenSSLServer(
      program: program,
      address: try #require(SocketAddress("127.0.0.1", port: UInt16(port ?? "") ?? 0)))
  }

  func handshake(_ options: TLSOptions = TLSOptions(), within limit: Duration = .seconds(5)) async throws
    -> TLSConnection
  {
    try await TLSConnection.handshake(address, options, within: limit)
  }
}

extension TLSConnection {
  /// Connects and shakes hands at once, as direct negotiation does.
  static func handshake(
    _ address: SocketAddress, _ options: TLSOptions = TLSOptions(), within limit: Duration = .seconds(5)
  ) async throws -> TLSConnection {
    let deadline = ContinuousClock.now + limit
    let transport = try await TCPConnection.open(to: address, until: deadline)
    return try await handshake(over: transport, options: options, until: deadline)
  }
}
