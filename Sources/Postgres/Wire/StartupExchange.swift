public import Sockets

/// The beginning of PostgreSQL's protocol up to the first answer, spoken without libpq, so that each step shows.
///
/// https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-START-UP
public enum StartupExchange {
  /// Asks for TLS.
  public static func requestTLS(
    _ channel: some ByteChannel, until deadline: ContinuousClock.Instant
  ) async -> TLSRequestAnswer {
    do {
      // 80877103 is 1234 in the upper and 5679 in the lower 16 bits: no protocol version looks like it.
      try await channel.write(integer(8) + integer(80_877_103), until: deadline)
      let answer = try await channel.read(atMost: 512, until: deadline)
      guard let first = answer.first else { return .closed }
      switch first {
      case UInt8(ascii: "S") where answer.count == 1: return .offered
      case UInt8(ascii: "N") where answer.count == 1: return .refused
      case UInt8(ascii: "E"):
        return try await errorMessage(startingWith: answer, channel, deadline).map { .error($0) }
          ?? .foreign(answer)
      default: return .foreign(answer)
      }
    } catch {
      return switch Loss(error) {
      case .silent: .silent
      case .closed: .closed
      case .lost(let words): .lost(words)
      }
    }
  }

  /// Sends a startup message and reads the first answer.
  public static func begin(
    _ channel: some ByteChannel, user: String, database: String,
    options: [(name: String, value: String)] = [],
    until deadline: ContinuousClock.Instant
  ) async -> FirstAnswer {
    do {
      try await channel.write(
        startupMessage(user: user, database: database, options: options), until: deadline)
      for _ in 0..<messagesBeforeAnswer {
        let head = try await channel.read(exactly: 5, until: deadline)
        if head.isEmpty { return .closed }
        guard head.count == 5, let length = length(in: head), 4...30_000 ~= length else {
          return .foreign(head)
        }
        let body = try await channel.read(exactly: length - 4, until: deadline)
        guard body.count == length - 4 else { return .closed }
        switch head[0] {
        case UInt8(ascii: "R"): return authentication(body)
        case UInt8(ascii: "E"): return .error(ServerMessage(body: body))
        // NegotiateProtocolVersion and NoticeResponse come before the answer.
        case UInt8(ascii: "v"), UInt8(ascii: "N"): continue
        default: return .foreign(head + body.prefix(64))
        }
      }
      return .lost("the server sent \(messagesBeforeAnswer) messages and no answer")
    } catch {
      return switch Loss(error) {
      case .silent: .silent
      case .closed: .closed
      case .lost(let words): .lost(words)
      }
    }
  }

  /// NegotiateProtocolVersion comes once, and notices of a server that starts are few.
  private static let messagesBeforeAnswer = 64

  /// Protocol 3.0, which every server since 7.4 speaks.
  static func startupMessage(
    user: String, database: String, options: [(name: String, value: String)]
  ) -> [UInt8] {
    var body = integer(196_608)
    for (name, value) in [("user", user), ("database", database)] + options {
      body += Array(name.utf8) + [0] + Array(value.utf8) + [0]
    }
    body.append(0)
    return integer(body.count + 4) + body
  }

  private static func authentication(_ body: [UInt8]) -> FirstAnswer {
    guard body.count >= 4 else { return .foreign(body) }
    let code = body[..<4].reduce(0) { $0 << 8 | Int($1) }
    let mechanisms =
      code == 10 ? body[4...].split(separator: 0).map { String(decoding: $0, as: UTF8.self) } : []
    return .authentication(code: code, mechanisms: mechanisms)
  }

  /// An ErrorResponse of which a part has been read. Servers before 7.4, and failed forks, send `E` and a bare text.
  private static func errorMessage(
    startingWith bytes: [UInt8], _ channel: some ByteChannel, _ deadline: ContinuousClock.Instant
  ) async throws -> ServerMessage? {
    var bytes = bytes
    if bytes.count < 5 { bytes += try await channel.read(exactly: 5 - bytes.count, until: deadline) }
    guard bytes.count >= 5, let length = length(in: bytes), 4...30_000 ~= length else {
      let text = String(decoding: bytes.dropFirst().prefix { $0 != 0 }, as: UTF8.self)
      return text.isEmpty ? nil : ServerMessage(sqlstate: "", message: text)
    }
    if bytes.count < length + 1 {
      bytes += try await channel.read(exactly: length + 1 - bytes.count, until: deadline)
    }
    return ServerMessage(body: bytes.dropFirst(5).prefix(length - 4))
  }

  private static func length(in head: [UInt8]) -> Int? {
    head.count >= 5 ? head[1..<5].reduce(0) { $0 << 8 | Int($1) } : nil
  }

  private static func integer(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}

/// How a channel failed in the middle of an exchange.
private enum Loss {
  case silent, closed
  case lost(String)

  init(_ error: any Error) {
    self =
      switch error {
      case let failure as any ChannelFailure where failure.isTimeout: .silent
      case let failure as any ChannelFailure where failure.isEnd: .closed
      case let failure: .lost("\(failure)")
      }
  }
}
