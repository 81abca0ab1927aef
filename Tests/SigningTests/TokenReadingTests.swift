import AccessModel
import FoundationEssentials
import Testing

@testable import Signing

@Suite("Reading a token")
struct TokenReadingTests {
  static let date = Date(timeIntervalSince1970: 1_704_164_645)

  static func sign(
    host: String = "mydb.abc123.eu-west-1.rds.amazonaws.com", port: Int = 5_432, user: String = "app",
    region: String = "eu-west-1", key: String = "AKIAIOSFODNN7EXAMPLE", sessionToken: String? = nil
  ) throws -> String {
    try RDSToken.sign(
      host: host, port: port, user: user, region: Region(region),
      credentials: AWSCredentials(
        accessKeyID: key, secretAccessKey: Secret("s"), sessionToken: sessionToken.map { Secret($0) }),
      date: date
    ).token.exposed
  }

  @Test("says everything but its secrets")
  func facts() throws {
    let text = try Self.sign(user: "jane doe/é", key: "ASIAIOSFODNN7EXAMPLE", sessionToken: "plugh+/==")
    let reading = try #require(TokenReading(text))
    #expect(reading.service == .rds)
    #expect(reading.scheme == nil)
    #expect(reading.host == "mydb.abc123.eu-west-1.rds.amazonaws.com")
    #expect(reading.port == 5_432)
    #expect(reading.action == "connect")
    #expect(reading.user == "jane doe/é")
    #expect(reading.accessKeyIDSuffix == "MPLE")
    #expect(reading.keyKind == .temporary)
    #expect(reading.scope?.region == "eu-west-1")
    #expect(reading.scope?.service == "rds-db")
    #expect(reading.signedAt == Self.date)
    #expect(reading.expiresAt == Self.date + 900)
    #expect(reading.signedHeaders == "host")
    #expect(reading.hasSessionToken)
    #expect(reading.signature == .complete)
    #expect(reading.length == text.utf8.count)
    #expect(reading.blemishes.isEmpty)
    #expect(reading.missing.isEmpty)
    let dumped = "\(reading)"
    #expect(!dumped.contains("plugh"))
    #expect(!dumped.contains(text.suffix(64)))
    #expect(!dumped.contains("IOSFODNN7"))
  }

  @Test("reads DSQL's tokens, which have neither port nor user")
  func dsql() throws {
    let token = try DSQLToken.sign(
      host: "abcdefghijklmnopqrstuvwxyz.dsql.eu-west-1.on.aws", action: .connectAdmin,
      region: Region("eu-west-1"),
      credentials: AWSCredentials(accessKeyID: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: Secret("s")),
      lifetime: 604_800, date: Self.date)
    let inspection = TokenInspection(token.token.exposed, now: Self.date)
    #expect(inspection.reading?.service == .dsql)
    #expect(inspection.reading?.port == nil)
    #expect(inspection.faults.isEmpty, "\(inspection.faults)")
  }

  @Test(
    "knows a password from a token",
    arguments: ["s3cret", "", "a:b/?c", "***", "correct horse battery staple"])
  func passwords(text: String) {
    #expect(TokenReading(text) == nil)
  }

  @Test("reads however little was kept of it", arguments: 60...340)
  func truncated(length: Int) throws {
    let text = try Self.sign()
    let inspection = TokenInspection(String(text.prefix(length)), now: Self.date)
    #expect(inspection.isToken)
    #expect(inspection.faults.map(\.slug) == (length < text.count ? [.truncated] : []))
  }

  @Test(
    "takes the time of every day of the calendar", arguments: [-1, 0, 68_169_600, 951_782_400, 4_107_542_399])
  func dates(second: Double) {
    let date = Date(timeIntervalSince1970: second)
    #expect(Date(basicUTC: UTCTime(date).basic) == date)
  }

  @Test(
    "takes no time that is none",
    arguments: ["20241302T000000Z", "20240102T240000Z", "2024-01-02", "", "20240102T000000+"])
  func noDates(text: String) {
    #expect(Date(basicUTC: text) == nil)
  }

  @Test("a token whose parts are out of place shows no secret in any of them")
  func misplaced() throws {
    let query = "X-Amz-Security-Token=plughtoken&X-Amz-Signature=" + String(repeating: "1", count: 64)
    let place = "db.abc123.eu-west-1.rds.amazonaws.com"
    for text in [
      "\(place)&\(query):5432/?Action=connect&DBUser=app&\(query)",
      "\(place):5432&\(query)/?Action=connect&DBUser=app&\(query)",
      "\(place):5432/?Action=connect\(query)&DBUser=app\(query)&\(query)",
      "\(place.dropLast(9))rity-Token=plughtoken:5432/?Action=connect&DBUser=app&\(query)",
      "\(place):5432/?Action=connect&DBUser=app&X-Amz-SignedHeaders=host$Token=plughtoken&\(query)",
      "\(place):5432/?Action=connect&X-Amz-Credential=AKIA%2F1%2Fr-Token=plughtoken%2Frds-db%2Fx&\(query)",
    ] {
      let reading = try #require(TokenReading(text))
      let scope = reading.scope.map { [$0.date, $0.region, $0.service, $0.terminator] } ?? []
      let shown =
        [reading.host, reading.portText ?? "", reading.action ?? "", reading.user ?? ""]
        + [reading.signedHeaders ?? "", reading.algorithm ?? ""] + scope
      #expect(!shown.joined().contains("plughtoken"), "\(shown)")
    }
  }
}
