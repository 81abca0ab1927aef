import Testing

@testable import Diagnoses

@Suite("Tokens in a log")
struct LogTokenTests {
  static let pages =
    ["tok-wrong-region", "tok-expired", "tok-size-growth", "tok-truncated", "dns-alias-signed"].compactMap {
      try? PageText.parsed($0, shares: ["PAM authentication failed for user"])
    }
    + [
      try? PageText.parsed("iam-not-authorized", messages: ["PAM authentication failed for user \"{user}\""])
    ].compactMap(\.self)

  static func token(
    host: String = "mydb.abc123.us-east-1.rds.amazonaws.com:5432", region: String = "eu-west-1"
  ) -> String {
    """
    \(host)/?Action=connect&DBUser=app&X-Amz-Algorithm=AWS4-HMAC-SHA256\
    &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20240102%2F\(region)%2Frds-db%2Faws4_request\
    &X-Amz-Date=20240102T030405Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host\
    &X-Amz-Signature=\(String(repeating: "6adf", count: 16))
    """
  }

  static let encoded = token().replacing("%", with: "%25").replacing(":", with: "%3A").replacing(
    "/", with: "%2F"
  )
  .replacing("?", with: "%3F").replacing("=", with: "%3D").replacing("&", with: "%26")

  @Test(
    "a token with a fault beats every text, in whatever form it is there",
    arguments: [
      "PGPASSWORD=\(token()) psql", "password='\(token())', host", "{\"password\": \"\(token())\"}",
      "{\"url\":\"\(token().replacing("&", with: "\\u0026"))\"}",
      "postgresql://app:\(encoded)@db.example.com/x",
      "postgresql://app:\(token())@db.example.com/x", "token (\(token())).",
    ])
  func forms(line: String) throws {
    let text = "FATAL:  PAM authentication failed for user \"app\"\n\(line)\n"
    let reading = LogScanner.reading(of: text, pages: Self.pages)
    #expect(reading.tokens == 1)
    #expect(reading.diagnosis?.page.id == "tok-wrong-region", "\(reading.matches.map(\.page.id))")
    #expect(reading.diagnosis?.reason.contains("“eu-west-1”, and its own host is in us-east-1") == true)
    let shown = reading.matches.flatMap(\.examples).map(\.text).joined()
    #expect(!shown.contains("6adf"))
    #expect(!shown.contains("IOSFODNN7"))
  }

  @Test("its age says nothing, and a good one speaks for no page")
  func age() {
    let reading = LogScanner.reading(of: "PGPASSWORD=\(Self.token(region: "us-east-1"))", pages: Self.pages)
    #expect(reading.tokens == 1)
    #expect(reading.matches.isEmpty)
  }

  @Test("a signature that the log itself took out is no fault")
  func masked() {
    let text = Self.token(region: "us-east-1").replacing(String(repeating: "6adf", count: 16), with: "***")
    #expect(LogScanner.reading(of: text, pages: Self.pages).matches.isEmpty)
  }

  @Test("a token across two parts of a line without end is read once, and as a whole")
  func longLine() {
    for offset in stride(from: -900, to: 100, by: 33) {
      let text =
        String(repeating: "x ", count: (LogScanner.capacity + offset) / 2) + Self.token()
        + String(repeating: " x", count: 50_000)
      let reading = LogScanner.reading(of: text, pages: Self.pages)
      #expect(reading.matches.map(\.page.id) == ["tok-wrong-region"])
      #expect(reading.tokens == 1)
    }
  }
}
