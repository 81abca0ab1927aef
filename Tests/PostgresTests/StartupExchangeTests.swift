import Sockets
import TLS
import Testing

@testable import Postgres

@Suite("The beginning of PostgreSQL's protocol")
struct StartupExchangeTests {
  private static let end = ContinuousClock.now + .seconds(60)
  private static let rejected = Wire.error([
    "S": "FATAL", "V": "FATAL", "C": "28000", "M": "pg_hba.conf rejects connection",
    "R": "ClientAuthentication",
  ])

  private static func request(
    _ pieces: [[UInt8]], then ending: ScriptedChannel.Ending = .fails(TCPFailure.timedOut)
  ) async -> TLSRequestAnswer {
    await StartupExchange.requestTLS(ScriptedChannel(pieces, then: ending), until: end)
  }

  private static func begin(
    _ pieces: [[UInt8]], then ending: ScriptedChannel.Ending = .fails(TCPFailure.timedOut)
  ) async -> FirstAnswer {
    await StartupExchange.begin(
      ScriptedChannel(pieces, then: ending), user: "app", database: "shop", until: end)
  }

  // MARK: SSLRequest

  @Test("an SSLRequest is eight bytes with the number 80877103")
  func requestBytes() async {
    let channel = ScriptedChannel([Array("S".utf8)])
    _ = await StartupExchange.requestTLS(channel, until: Self.end)
    #expect(channel.written == [0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F])
  }

  @Test("S offers TLS and N refuses it")
  func offered() async {
    #expect(await Self.request([Array("S".utf8)]) == .offered)
    #expect(await Self.request([Array("N".utf8)]) == .refused)
  }

  @Test("an error instead is read whole, however it arrives", arguments: [1, 3, 5, 1_000])
  func error(size: Int) async {
    let bytes = Wire.error(["S": "FATAL", "C": "53300", "M": "sorry, too many clients already"])
    let pieces = stride(from: 0, to: bytes.count, by: size).map {
      Array(bytes[$0..<min($0 + size, bytes.count)])
    }
    let expected = ServerMessage(sqlstate: "53300", message: "sorry, too many clients already")
    #expect(await Self.request(pieces) == .error(expected))
  }

  @Test("an error of the protocol before 7.4 is an E and a text")
  func oldError() async {
    let answer = await Self.request([Array("EFATAL:  unsupported frontend protocol\n".utf8) + [0]])
    guard case .error(let message) = answer else {
      Issue.record("it was taken for \(answer)")
      return
    }
    #expect(message.message.hasPrefix("FATAL:  unsupported frontend protocol"))
    #expect(message.sqlstate == "")
  }

  @Test(
    "what is no answer of PostgreSQL's is handed on",
    arguments: ["HTTP/1.1 400 Bad Request\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "+OK", "\u{4A}\0\0\0\u{0A}8.0.36"])
  func foreign(text: String) async {
    #expect(await Self.request([Array(text.utf8)]) == .foreign(Array(text.utf8)))
  }

  @Test("more than the one byte is not taken for an answer: somebody could have put it in")
  func stuffed() async {
    #expect(await Self.request([Array("S".utf8) + [22, 3, 3]]) == .foreign(Array("S".utf8) + [22, 3, 3]))
  }

  @Test("an end, a reset and silence are told apart")
  func losses() async {
    #expect(await Self.request([], then: .closes) == .closed)
    #expect(await Self.request([], then: .fails(TCPFailure.reset)) == .lost("connection reset by the peer"))
    #expect(await Self.request([]) == .silent)
  }

  // MARK: Startup message

  @Test("a startup message names the protocol, the user and the database")
  func startup() async {
    let channel = ScriptedChannel([Wire.authentication(0)])
    _ = await StartupExchange.begin(
      channel, user: "app", database: "shop", options: [("replication", "database")], until: Self.end)
    let body = [0, 3, 0, 0] + Array("user\0app\0database\0shop\0replication\0database\0\0".utf8)
    #expect(channel.written == Wire.integer(body.count + 4) + body)
  }

  @Test(
    "a request for a method is known by its code",
    arguments: [(0, "none"), (3, "password"), (5, "md5"), (7, "gss"), (9, "sspi"), (12, "method 12")])
  func methods(code: Int, name: String) async {
    let extra: [UInt8] = code == 5 ? [1, 2, 3, 4] : []
    let answer = await Self.begin([Wire.message("R", Wire.integer(code) + extra)])
    #expect(answer == .authentication(code: code, mechanisms: []))
    #expect(answer.method == name)
    #expect(answer.asksForClearText == (code == 3))
    #expect(answer.asksForStoredPassword == (code == 5))
  }

  @Test("SASL comes with its mechanisms, byte by byte as well", arguments: [1, 7, 1_000])
  func mechanisms(size: Int) async {
    let bytes = Wire.authentication(10, ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"])
    let pieces = stride(from: 0, to: bytes.count, by: size).map {
      Array(bytes[$0..<min($0 + size, bytes.count)])
    }
    let answer = await Self.begin(pieces)
    #expect(answer == .authentication(code: 10, mechanisms: ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"]))
    #expect(answer.asksForStoredPassword && answer.method == "scram-sha-256")
  }

  @Test("an error comes with its fields")
  func fields() async {
    let bytes = Wire.error([
      "S": "FATAL", "V": "FATAL", "C": "28000", "M": "no entry", "D": "a detail", "H": "a hint",
      "F": "auth.c",
      "L": "326", "R": "ClientAuthentication",
    ])
    let expected = ServerMessage(
      sqlstate: "28000", message: "no entry", detail: "a detail", hint: "a hint",
      routine: "ClientAuthentication")
    #expect(await Self.begin([bytes]) == .error(expected))
  }

  @Test("an error in another language keeps its severity in English")
  func translated() async {
    let answer = await Self.begin([
      Wire.error(["S": "VERHÄNGNISVOLL", "V": "FATAL", "C": "28000", "M": "nein"])
    ])
    #expect(answer.serverMessage?.severity == "FATAL")
  }

  @Test("an error without the untranslated severity keeps the other one")
  func oldSeverity() async {
    let answer = await Self.begin([Wire.error(["S": "PANIC", "C": "XX000", "M": "out"])])
    #expect(answer.serverMessage?.severity == "PANIC")
  }

  @Test("NegotiateProtocolVersion and notices before the answer are passed over")
  func passedOver() async {
    let negotiate = Wire.message("v", Wire.integer(196_608) + Wire.integer(1) + Array("_pq_.x".utf8) + [0])
    let notice = Wire.message("N", Array("SNOTICE".utf8) + [0, 0])
    #expect(
      await Self.begin([negotiate + notice, Wire.authentication(3)])
        == .authentication(code: 3, mechanisms: []))
  }

  @Test("an absurd length is no message", arguments: [0, 3, 30_001, 0x7FFF_FFFF, 0xFFFF_FFFF])
  func lengths(length: Int) async {
    let head = [UInt8(ascii: "R")] + Wire.integer(length)
    #expect(await Self.begin([head]) == .foreign(head))
  }

  @Test("a request without a code is no request")
  func shortRequest() async {
    guard case .foreign = await Self.begin([Wire.message("R", [0, 0])]) else {
      Issue.record("it was taken for an answer")
      return
    }
  }

  @Test("another message is handed on")
  func otherMessage() async {
    let bytes = Wire.message("Z", [UInt8(ascii: "I")])
    #expect(await Self.begin([bytes]) == .foreign(bytes))
  }

  @Test("an end before and within the answer is an end")
  func closed() async {
    #expect(await Self.begin([], then: .closes) == .closed)
    #expect(await Self.begin([Array(Self.rejected.prefix(12))], then: .closes) == .closed)
  }

  @Test("an end within the first five bytes is no message of PostgreSQL's")
  func closedInHead() async {
    #expect(await Self.begin([[UInt8(ascii: "R"), 0]], then: .closes) == .foreign([UInt8(ascii: "R"), 0]))
  }

  @Test("silence and a reset are told apart")
  func silence() async {
    #expect(await Self.begin([]) == .silent)
    #expect(await Self.begin([Array(Self.rejected.prefix(12))]) == .silent)
    #expect(await Self.begin([], then: .fails(TCPFailure.reset)) == .lost("connection reset by the peer"))
  }

  @Test("silence is silence within TLS, too")
  func silenceWithinTLS() async {
    #expect(await Self.begin([], then: .fails(TLSFailure.timedOut)) == .silent)
  }

  @Test("a server that sends nothing but notices is given up")
  func endlessNotices() async {
    let notice = Wire.message("N", [0])
    let channel = ScriptedChannel([[UInt8]](repeating: notice, count: 1_000))
    let answer = await StartupExchange.begin(channel, user: "u", database: "d", until: .now + .seconds(60))
    guard case .lost(let words) = answer else {
      Issue.record("\(answer)")
      return
    }
    #expect(words.contains("no answer"))
  }
}
