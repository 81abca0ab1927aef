import Testing

@testable import Diagnoses

@Suite("A line with escapes")
struct EscapedLineTests {
  private func matches(_ text: String) -> [PageMatch] {
    LogScanner.reading(of: text, pages: LogScannerTests.pages).matches
  }

  @Test(
    "is read as it was before it became JSON",
    arguments: [
      #"{"error":"FATAL:  authentication failed for user \"app\"\nconnection closed"}"#,
      #"{"log":"{\"error\":\"authentication failed for user \\\"app\\\"\"}"}"#,
      #"{"error":"authentication failed for user \u0022app\u0022"}"#,
      #"{"error":"one\r\n\tauthentication failed for user \"app\"\\"}"#,
    ])
  func json(line: String) throws {
    let found = matches("first\n\(line)\nlast\n")
    #expect(found.map(\.page.id) == ["bbb-general", "ccc-shares", "eee-timeout"])
    let match = try #require(found.first)
    #expect((match.count, match.leading, match.firstLine) == (1, 1, 2))
    #expect(match.examples.map(\.text) == [line])
  }

  @Test("has lines of its own, with its number, which a hole does not leave")
  func lines() throws {
    #expect(matches(#"authentication failed for user \"a\nb\" from proxy"#).isEmpty)
    let found = matches("x\n" + #""handshake has begun\nhandshake was dropped""#)
    #expect(found.map(\.page.id) == ["ddd-sequence"])
    #expect(found.first?.lastLine == 2)
  }

  @Test("shows the place of what was found, where it is long")
  func place() throws {
    let filler = String(repeating: #"\"k\": "#, count: 400)
    let match = try #require(matches(filler + #"authentication failed for user \"app\" "# + filler).first)
    #expect(match.examples.first?.text.contains(#"failed for user \"app\""#) == true)
  }

  @Test(
    "may end with a backslash, and may have them for no reason", arguments: [#"\"#, #"\u12"#, #"\x\q\\"#])
  func odd(end: String) {
    #expect(matches("timeout expired \(end)").first?.page.id == "eee-timeout")
    #expect(matches("timeout expired \(end)\n\\n").first?.count == 1)
  }
}
