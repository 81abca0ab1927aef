import AccessModel
import FoundationEssentials
import Testing

@testable import Signing

@Suite("Inspecting a token")
struct TokenInspectionTests {
  static let now = TokenReadingTests.date + 60
  static let host = "mydb.abc123.eu-west-1.rds.amazonaws.com"
  static let login = TokenExpectation(host: host, port: 5_432, user: "app")

  private static func sign(
    host: String = host, port: Int = 5_432, user: String = "app", region: String = "eu-west-1",
    key: String = "AKIAIOSFODNN7EXAMPLE", sessionToken: String? = nil
  ) -> String {
    let token = try? TokenReadingTests.sign(
      host: host, port: port, user: user, region: region, key: key, sessionToken: sessionToken)
    return token ?? ""
  }

  /// A token, what it is for, and what is wrong with it.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    var expected = login
    var after: TimeInterval = 60
    let faults: [TokenFault.Slug]
    /// Words of the first fault's reason.
    var reason = ""
    var testDescription: String { name }
  }

  static let good = sign()

  @Test(
    "names each fault, and no other",
    arguments: [
      Case(name: "a good token", text: good, faults: []),
      Case(
        name: "a good token of temporary keys", text: sign(key: "ASIAX", sessionToken: "t/+="), faults: []),
      Case(name: "port 443", text: sign(port: 443), expected: TokenExpectation(port: 443), faults: []),
      Case(
        name: "a user with a per cent sign", text: sign(user: "100%25"),
        expected: TokenExpectation(user: "100%25"), faults: []),
      Case(name: "nothing", text: "", faults: [.empty], reason: "empty"),
      Case(name: "a line break only", text: "\n", faults: [.empty]),
      Case(name: "asterisks", text: "***", faults: [.masked], reason: "a mask of 3 characters"),
      Case(name: "a word for asterisks", text: "[REDACTED]", faults: [.masked]),
      Case(name: "a password", text: "xyzzysecret", faults: []),
      Case(name: "a masked signature", text: good.prefix(good.count - 64) + "***", faults: [.masked]),
      Case(
        name: "a line break at the end", text: good + "\n", faults: [.lineBreak],
        reason: "a line break at its end"),
      Case(name: "a carriage return", text: good + "\r\n", faults: [.lineBreak]),
      Case(name: "quotes", text: "\"\(good)\"", faults: [.lineBreak], reason: "quotation marks around it"),
      Case(
        name: "a wrapped token", text: good.replacing("&X-Amz-Date", with: "\n&X-Amz-Date"),
        faults: [.lineBreak]),
      Case(
        name: "cut at 256", text: String(good.prefix(256)), faults: [.truncated],
        reason: "256 bytes, just what a field"),
      Case(
        name: "a short signature", text: String(good.dropLast()), faults: [.truncated],
        reason: "63 of its 64 digits"),
      Case(name: "junk behind", text: good + "x", faults: [.malformed], reason: "the signature is not 64"),
      Case(name: "a capital in the signature", text: good.dropLast() + "A", faults: [.malformed]),
      Case(
        name: "a parameter twice", text: good.replacing("&DBUser=app", with: "&DBUser=app&DBUser=x"),
        faults: [.malformed]),
      Case(
        name: "no user", text: good.replacing("&DBUser=app", with: ""), faults: [.malformed],
        reason: "DBUser missing"),
      Case(name: "another action", text: good.replacing("=connect", with: "=Connect"), faults: [.malformed]),
      Case(name: "a fragment", text: good + "#x", faults: [.malformed]),
      Case(
        name: "another day in the scope", text: good.replacing("%2F20240102%2F", with: "%2F20240103%2F"),
        faults: [.malformed]),
      Case(
        name: "a scheme", text: "https://" + good, faults: [.schemePrefix], reason: "begins with “https://”"),
      Case(
        name: "a scope encoded twice", text: good.replacing("%2F", with: "%252F"), faults: [.doubleEncoded],
        reason: "X-Amz-Credential"),
      Case(
        name: "encoded as a whole", text: good.percentEncoded, faults: [.doubleEncoded],
        reason: "the whole token"),
      Case(
        name: "another service", text: good.replacing("%2Frds-db%2F", with: "%2Frds%2F"),
        faults: [.wrongService], reason: "“rds”"),
      Case(
        name: "a token of DSQL for RDS",
        text: good.replacing("=connect&DBUser=app", with: "=DbConnect").replacing(":5432", with: "")
          .replacing("rds-db", with: "dsql"),
        expected: TokenExpectation(service: .rds), faults: [.wrongService]),
      Case(
        name: "another region", text: sign(region: "us-east-1"), faults: [.wrongRegion],
        reason: "“us-east-1”, and the endpoint is in eu-west-1"),
      Case(
        name: "another region, by its own host", text: sign(region: "us-east-1"),
        expected: TokenExpectation(), faults: [.wrongRegion],
        reason: "its own host is in"),
      Case(
        name: "another region, by the flag", text: sign(host: "x.global-abc.global.rds.amazonaws.com"),
        expected: TokenExpectation(region: Region(wellFormed: "us-east-1")), faults: [.wrongRegion]),
      Case(
        name: "another host", text: sign(host: "other.abc123.eu-west-1.rds.amazonaws.com"),
        faults: [.wrongHost], reason: "the login goes to"),
      Case(name: "no port", text: good.replacing(":5432", with: ""), faults: [.noPort]),
      Case(
        name: "another port", text: sign(port: 15_432), faults: [.wrongPort],
        reason: "port 15432, and the server's own port is 5432"),
      Case(name: "another user", text: sign(user: "root"), faults: [.wrongUser]),
      Case(
        name: "a user in another case", text: sign(user: "App"), faults: [.wrongUser],
        reason: "with their case"),
      Case(
        name: "capitals in the host", text: good.replacing("mydb", with: "MyDB"), faults: [.uppercaseHost]),
      Case(
        name: "a temporary key alone", text: sign(key: "ASIAIOSFODNN7EXAMPLE"), faults: [.noSessionToken],
        reason: "…MPLE"),
      Case(name: "an old token", text: good, after: 901, faults: [.expired], reason: "15 min ago"),
      Case(name: "the last second", text: good, after: 899, faults: []),
      Case(
        name: "a token of the future", text: good, after: -400, faults: [.clockSkew], reason: "6 min after"),
      Case(name: "a clock slightly behind", text: good, after: -299, faults: []),
      Case(
        name: "an hour", text: good.replacing("Expires=900", with: "Expires=3600"), faults: [.expiresOver900]),
      Case(
        name: "localhost", text: sign(host: "localhost", port: 15_432), expected: TokenExpectation(),
        faults: [.signedLocal]),
      Case(name: "an address", text: sign(host: "127.0.0.1"), faults: [.signedLocal]),
      Case(
        name: "an alias", text: sign(host: "db.example.com"), faults: [.aliasSigned],
        reason: "the endpoint is “mydb."),
      Case(
        name: "the host that is wanted", text: sign(host: "db.example.com"),
        expected: TokenExpectation(host: "DB.example.com."), faults: []),
      Case(
        name: "a custom endpoint", text: sign(host: "x.cluster-custom-abc.eu-west-1.rds.amazonaws.com"),
        expected: TokenExpectation(),
        faults: [.customEndpoint]),
      Case(
        name: "a long session token",
        text: sign(key: "ASIAX", sessionToken: String(repeating: "a", count: 2_000)), faults: [.sizeGrowth]),
      Case(
        name: "a very long one",
        text: sign(key: "ASIAX", sessionToken: String(repeating: "a", count: 66_000)), faults: [.over64K]),
    ])
  func faults(of one: Case) {
    let inspection = TokenInspection(
      String(one.text), expected: one.expected, now: TokenReadingTests.date + one.after)
    #expect(inspection.faults.map(\.slug) == one.faults, "\(inspection.faults.map(\.reason))")
    #expect(
      inspection.faults.first?.reason.contains(one.reason) ?? true, "\(inspection.faults.map(\.reason))")
    for fault in inspection.faults {
      #expect(!fault.fix.isEmpty && !fault.reason.hasSuffix(".") && !fault.fix.hasSuffix("."))
      #expect(!fault.reason.contains(Self.good.suffix(20)) && !fault.fix.contains(Self.good.suffix(20)))
    }
  }

  @Test("orders several faults by how surely each makes the login fail, warnings last")
  func order() {
    let text =
      "https://" + Self.sign(host: "MyDB.abc123.us-east-1.rds.amazonaws.com", user: "root", key: "ASIAX")
      + "\n"
    let faults = TokenInspection(text, expected: Self.login, now: Self.now + 86_400).faults
    #expect(
      faults.map(\.slug) == [
        .lineBreak, .schemePrefix, .expired, .wrongUser, .noSessionToken, .wrongHost, .uppercaseHost,
      ])
    #expect(faults.map(\.severity) == Array(repeating: .error, count: 6) + [.warning])
  }

  @Test("does not judge the age of a token without a time to judge it by")
  func noAge() {
    #expect(TokenInspection(Self.good, now: nil).faults.isEmpty)
  }

  @Test("the fix is the command that makes the right token")
  func command() {
    let fault = TokenInspection(Self.sign(user: "o'hara"), expected: Self.login, now: Self.now).faults.first
    #expect(fault?.fix == "dbauth-admin token rds -h \(Self.host) -p 5432 -U app --region eu-west-1")
    let alias = TokenInspection(Self.sign(host: "db.example.com", user: "o'hara"), now: Self.now).faults.first
    #expect(alias?.fix.hasPrefix("dbauth-admin token rds -h ENDPOINT -p 5432 -U 'o'\\''hara'") == true)
  }
}
