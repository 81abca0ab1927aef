import FoundationEssentials
import Testing

@Suite("token")
struct TokenCommandTests {
  private static let rds = ["token", "rds", "-h", Program.endpoint, "-U", "app"]

  @Test("a pipe gets the token without a line break, a terminal with one")
  func lineBreak() async throws {
    let piped = try await Program.run("token", "rds", "-h", Program.endpoint, "-U", "app")
    #expect(piped.status == 0)
    #expect(piped.errors == "")
    #expect(piped.output.hasPrefix("\(Program.endpoint):5432/?Action=connect&DBUser=app&"))
    #expect(piped.output.last != "\n")
    let shown = try await Program.runOnTerminal("token", "rds", "-h", Program.endpoint, "-U", "app")
    #expect(shown.hasSuffix("\r\n"))
    #expect(shown.dropLast().contains("&X-Amz-Signature="))
    let dsql = try await Program.run("token", "dsql", "-h", "x.dsql.us-east-1.on.aws", "--admin")
    #expect(dsql.output.hasPrefix("x.dsql.us-east-1.on.aws/?Action=DbConnectAdmin&"))
    #expect(dsql.output.last != "\n")
  }

  @Test("libpq's variables stand in for the flags, and a flag beats its variable")
  func variables() async throws {
    let variables = ["PGHOST": Program.endpoint, "PGPORT": "6543", "PGUSER": "web"].merging(Program.keys) {
      $1
    }
    let fromVariables = try await Program.run("token", "rds", environment: variables)
    #expect(fromVariables.output.hasPrefix("\(Program.endpoint):6543/?Action=connect&DBUser=web&"))
    let fromFlags = try await Program.run("token", "rds", "-p", "5433", "-U", "app", environment: variables)
    #expect(fromFlags.output.hasPrefix("\(Program.endpoint):5433/?Action=connect&DBUser=app&"))
  }

  @Test("JSON has the token, its place and time, and always the same members")
  func json() async throws {
    struct Report: Decodable {
      let schemaVersion, port: Int
      let host, user, region, regionSource, accessKeyIdSuffix, issuedAt, expiresAt, token: String
    }
    let outcome = try await Program.run(
      "token", "rds", "-h", Program.endpoint, "-U", "app", "--format", "json")
    let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    #expect(report.schemaVersion == 1)
    #expect(report.host == Program.endpoint)
    #expect(report.port == 5_432)
    #expect(report.region == "eu-west-1")
    #expect(report.regionSource == "the host's name")
    #expect(report.accessKeyIdSuffix == "1234")
    let issued = try Date(report.issuedAt, strategy: .iso8601)
    #expect(try Date(report.expiresAt, strategy: .iso8601) == issued + 900)
    #expect(report.token.contains("&DBUser=app&"))
    #expect(!outcome.output.contains("xyzzysecret"))
    let members = outcome.output.split(separator: "\n").compactMap {
      $0.split(separator: "\"").dropFirst().first
    }
    #expect(
      members == [
        "accessKeyIdSuffix", "expiresAt", "host", "issuedAt", "port", "region", "regionSource",
        "schemaVersion",
        "token", "user",
      ])
  }

  @Test("a token does not outlive the credentials that signed it")
  func expiration() async throws {
    let end = Date() + 120
    let outcome = try await Program.run(
      "token", "rds", "-h", Program.endpoint, "-U", "app", "--format", "json",
      environment: Program.keys.merging(["AWS_CREDENTIAL_EXPIRATION": end.formatted(.iso8601)]) { $1 })
    #expect(outcome.output.contains("\"expiresAt\" : \"\(end.formatted(.iso8601))\""))
  }

  @Test("a trailing dot is taken off, and said so")
  func trailingDot() async throws {
    let outcome = try await Program.run("token", "rds", "-h", Program.endpoint + ".", "-U", "app")
    #expect(outcome.output.hasPrefix("\(Program.endpoint):5432/?"))
    #expect(outcome.errors.hasPrefix("note: "))
  }

  @Test("an alias is signed with a warning when the region is said, and refused otherwise")
  func alias() async throws {
    let said = try await Program.run(
      "token", "rds", "-h", "db.example.com", "-U", "app", "--region", "eu-west-1")
    #expect(said.status == 0)
    #expect(said.errors.hasPrefix("warning: db.example.com is not an RDS endpoint's own name"))
    let unsaid = try await Program.run("token", "rds", "-h", "db.example.com", "-U", "app")
    #expect(unsaid.status == 64)
    #expect(unsaid.output == "")
  }

  /// A call that is wrong, and a word of the message that says why.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let arguments: [String]
    var environment: [String: String] = [:]
    var status: Int32 = 64
    let message: String
    var testDescription: String { arguments.joined(separator: " ") }
  }

  @Test(
    "a mistake has a message of its own and a status, nothing on stdout, and no secret anywhere",
    arguments: [
      Mistake(arguments: ["token", "rds"], message: "-h/--host"),
      Mistake(arguments: ["token", "rds", "-h", Program.endpoint], message: "-U/--username"),
      Mistake(arguments: rds + ["-p", "0"], message: "1 to 65535"),
      Mistake(
        arguments: rds, environment: ["PGPORT": "five"], message: "PGPORT is a text that is not a port"),
      Mistake(arguments: ["token", "rds", "-h", "10.0.0.1", "-U", "app"], message: "hostaddr"),
      Mistake(arguments: ["token", "rds", "-h", "localhost", "-U", "app"], message: "signed for the name"),
      Mistake(arguments: ["token", "rds", "-h", "::1", "-U", "app"], message: "signed for the name"),
      Mistake(arguments: ["token", "rds", "-h", "/run/postgresql", "-U", "app"], message: "socket"),
      Mistake(arguments: ["token", "rds", "-h", "x.dsql.us-east-1.on.aws"], message: "token dsql"),
      Mistake(arguments: ["token", "dsql", "-h", Program.endpoint], message: "token rds"),
      Mistake(
        arguments: ["token", "dsql", "-h", "x.dsql.us-east-1.on.aws", "--expires-in", "0"], message: "604800"),
      Mistake(arguments: rds + ["--region", "us-east-1"], message: "is in eu-west-1"),
      Mistake(arguments: rds, environment: ["AWS_REGION": "us-east-1"], message: "unset AWS_REGION"),
      Mistake(arguments: rds + ["--region", "useast1"], message: "not the name of an AWS region"),
      Mistake(arguments: rds + ["--profile", "nobody"], message: "profile “nobody”"),
      Mistake(arguments: rds + ["--format", "yaml"], message: "text, json"),
      Mistake(arguments: rds + ["--regoin", "x"], message: "Did you mean '--region'?"),
      Mistake(arguments: rds, environment: ["AWS_ACCESS_KEY_ID": ""], message: "no AWS credentials"),
      Mistake(arguments: rds, environment: ["AWS_SECRET_ACCESS_KEY": ""], message: "AWS_SECRET_ACCESS_KEY"),
      Mistake(
        arguments: rds, environment: ["AWS_SECRET_ACCESS_KEY": "xyzzysecret\n"], message: "white space"),
      Mistake(
        arguments: rds, environment: ["AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z"], status: 1,
        message: "ended at 2020-01-01T00:00:00Z"),
      Mistake(arguments: ["tokne"], message: "Did you mean “token”?"),
      Mistake(arguments: ["token", "rsd"], message: "Did you mean “rds”?"),
      Mistake(arguments: ["frobnicate", "x"], message: "Commands: "),
    ])
  func mistakes(_ mistake: Mistake) async throws {
    let environment = Program.keys.merging(mistake.environment) { $1 }
    let outcome = try await Program.run(mistake.arguments, environment: environment)
    #expect(outcome.status == mistake.status)
    #expect(outcome.output == "")
    #expect(outcome.errors.hasPrefix("Error: "))
    #expect(outcome.errors.contains(mistake.message), "\(outcome.errors)")
    #expect(!outcome.errors.contains("xyzzysecret"))
    #expect(!outcome.errors.contains("plughtoken"))
  }
}
