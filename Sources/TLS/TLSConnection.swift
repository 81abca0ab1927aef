internal import COpenSSL
public import Sockets

/// TLS over another channel, as a client, without any verification: a broken certificate is something to look at
/// here, not a reason to stop. Used by one task at a time.
public actor TLSConnection: ByteChannel {
  private let channel: any ByteChannel
  private let engine: TLSEngine
  /// What the handshake showed.
  public nonisolated let observation: TLSObservation

  private init(_ channel: any ByteChannel, _ engine: sending TLSEngine, _ observation: TLSObservation) {
    (self.channel, self.engine, self.observation) = (channel, engine, observation)
  }

  /// Speaks first; on a PostgreSQL connection after the server's `S`, or at once for direct negotiation.
  public static func handshake(
    over channel: any ByteChannel, options: TLSOptions, until deadline: ContinuousClock.Instant
  ) async throws(TLSFailure) -> TLSConnection {
    let engine = try TLSEngine(options)
    let started = ContinuousClock.now
    var greeting: [UInt8] = []
    while true {
      let step = engine.handshake()
      // A failure's alert for the peer is among these bytes; it must not hide the failure.
      let outgoing = engine.takeOutgoing()
      if case .failed(let failure) = step {
        if !outgoing.isEmpty { try? await channel.write(outgoing, until: deadline) }
        throw failure
      }
      try await transport { () async throws in
        if !outgoing.isEmpty { try await channel.write(outgoing, until: deadline) }
      }
      switch step {
      case .done:
        return TLSConnection(channel, engine, engine.observation(duration: .now - started))
      case .needsInput:
        // A peer that never stops talking must not outlast the deadline either.
        guard ContinuousClock.now < deadline else { throw .timedOut }
        let bytes = try await transport { try await channel.read(atMost: recordLimit, until: deadline) }
        if bytes.isEmpty { throw greeting.isEmpty || isTLS(greeting) ? .closed : .notTLS(greeting) }
        if greeting.count < 64 { greeting += bytes.prefix(64 - greeting.count) }
        guard isTLS(greeting) else { throw .notTLS(greeting) }
        engine.receive(bytes)
      case .ended, .failed: throw .closed
      }
    }
  }

  public func write(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) async throws(TLSFailure) {
    var rest = bytes[...]
    while !rest.isEmpty {
      switch engine.write(rest) {
      case .done(let count): rest = rest.dropFirst(count)
      // Memory always has room, so only a renegotiation, which TLS 1.2 knows, could want to read first.
      case .needsInput: try await receive(until: deadline)
      case .ended: throw .closed
      case .failed(let failure): throw failure
      }
      try await flush(until: deadline)
    }
  }

  public func read(
    atMost limit: Int, until deadline: ContinuousClock.Instant
  ) async throws(TLSFailure) -> [UInt8] {
    while true {
      var step = TLSEngine.Step.needsInput
      let bytes = [UInt8](unsafeUninitializedCapacity: max(limit, 1)) { buffer, used in
        step = engine.read(into: UnsafeMutableRawBufferPointer(buffer))
        if case .done(let count) = step { used = count }
      }
      // Key updates ask for an answer.
      try await flush(until: deadline)
      switch step {
      case .done: return bytes
      case .ended: return []
      case .failed(let failure): throw failure
      case .needsInput:
        if try await !receive(until: deadline) { return [] }
      }
    }
  }

  /// Says farewell (close_notify); the transport stays open and belongs to its owner.
  public func close(until deadline: ContinuousClock.Instant) async {
    engine.close()
    try? await flush(until: deadline)
  }

  private func flush(until deadline: ContinuousClock.Instant) async throws(TLSFailure) {
    let outgoing = engine.takeOutgoing()
    guard !outgoing.isEmpty else { return }
    do { try await channel.write(outgoing, until: deadline) } catch { throw TLSFailure(error) }
  }

  /// False at the end of the transport.
  @discardableResult
  private func receive(until deadline: ContinuousClock.Instant) async throws(TLSFailure) -> Bool {
    let bytes: [UInt8]
    do {
      bytes = try await channel.read(atMost: Self.recordLimit, until: deadline)
    } catch { throw TLSFailure(error) }
    engine.receive(bytes)
    return !bytes.isEmpty
  }

  /// A record's largest size on the wire: 2^14 bytes, what encryption adds, and the header (RFC 8446 §5.2).
  private static let recordLimit = 16_384 + 256 + 5

  /// Whether an answer begins like a record of TLS: a content type from 20 to 23 and the major version 3.
  private static func isTLS(_ bytes: [UInt8]) -> Bool {
    guard let first = bytes.first, 20...23 ~= first else { return false }
    return bytes.count < 2 || bytes[1] == 3
  }

  private static func transport<R>(_ body: () async throws -> R) async throws(TLSFailure) -> R {
    do { return try await body() } catch { throw TLSFailure(error) }
  }
}
