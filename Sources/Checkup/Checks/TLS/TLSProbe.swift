internal import Postgres
internal import Sockets
internal import TLS

/// A handshake on a connection of its own, beside the one that the checks go on with.
enum TLSProbe {
  /// What one handshake showed, and how long it took from the first packet on.
  struct Result: Sendable {
    let observation: TLSObservation
    let duration: Duration
  }

  /// Connects and shakes hands; nil when that does not work, for whatever reason.
  ///
  /// - Parameter isDirect: without an SSLRequest, as `sslnegotiation=direct` has it.
  static func handshake(
    _ address: SocketAddress, options: TLSOptions, isDirect: Bool = false, until end: ContinuousClock.Instant
  ) async -> Result? {
    let started = ContinuousClock.now
    guard let connection = try? await TCPConnection.open(to: address, until: end) else { return nil }
    defer { connection.close() }
    if !isDirect, await StartupExchange.requestTLS(connection, until: end) != .offered { return nil }
    var options = options
    if isDirect { options.applicationProtocols = ["postgresql"] }
    guard let encrypted = try? await TLSConnection.handshake(over: connection, options: options, until: end)
    else {
      return nil
    }
    if isDirect, encrypted.observation.applicationProtocol != "postgresql" { return nil }
    return Result(observation: encrypted.observation, duration: ContinuousClock.now - started)
  }
}
