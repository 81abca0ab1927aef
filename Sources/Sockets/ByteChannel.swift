/// A stream of bytes in both directions, with a deadline for every step: a TCP connection, or TLS over one.
///
/// One task reads and one task writes at a time.
public protocol ByteChannel: Sendable {
  /// Sends all of `bytes`, or throws.
  func write(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) async throws

  /// The next bytes that arrive, at least one and at most `limit`; empty at the end of the stream.
  func read(atMost limit: Int, until deadline: ContinuousClock.Instant) async throws -> [UInt8]
}

extension ByteChannel {
  /// Exactly `count` bytes, or fewer when the stream ends before.
  public func read(exactly count: Int, until deadline: ContinuousClock.Instant) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let more = try await read(atMost: count - bytes.count, until: deadline)
      if more.isEmpty { break }
      bytes += more
    }
    return bytes
  }
}
