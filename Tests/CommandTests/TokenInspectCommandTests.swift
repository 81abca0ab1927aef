import FoundationEssentials
import Testing

@Suite("token inspect")
struct TokenInspectCommandTests {
  private func token() async throws -> String {
    try await Program.run("token", "rds", "-h", Program.endpoint, "-U", "app").output
  }

  @Test("a fresh token is fine, and its facts are told without it")
  func fine() async throws {
    let token = try await token()
    let outcome = try await Program.run(
      "token", "inspect", "-h", Program.endpoint, "-p", "5432", "-U", "app", input: token)
    #expect(outcome.status == 0)
    #expect(outcome.errors == "")
    #expect(outcome.output.hasPrefix("A token for RDS\n  host         \(Program.endpoint)\n"))
    #expect(outcome.output.contains("  key          …1234, a long-term key, with a session token\n"))
    #expect(outcome.output.hasSuffix("Nothing is wrong with it by itself.\n"))
    #expect(!outcome.output.contains("plughtoken"))
    #expect(!outcome.output.contains(token.suffix(64)))
    #expect(!outcome.output.contains("AKIA"))
  }

  @Test("what it is not for is a fault, with a reason, a fix and a page")
  func faults() async throws {
    let outcome = try await Program.run(
      "token", "inspect", "--host", Program.endpoint, "--port", "5433", "--user", "web",
      input: try await token())
    #expect(outcome.status == 1)
    #expect(
      outcome.output.contains(
        "\nx tok-wrong-user  the token is for the user “app”, and the login is as “web”\n"))
    #expect(outcome.output.contains("\nx tok-wrong-port  "))
    #expect(outcome.output.contains("  fix:  dbauth-admin token rds -h \(Program.endpoint) -p 5433 -U web"))
    #expect(outcome.output.contains("  more: dbauth-admin explain tok-wrong-user\n"))
  }

  @Test("PGPASSWORD is inspected when asked for, line break and all")
  func environment() async throws {
    let token = try await token()
    let fine = try await Program.run("token", "inspect", "--from-env", environment: ["PGPASSWORD": token])
    #expect(fine.status == 0)
    let broken = try await Program.run(
      "token", "inspect", "--from-env", environment: ["PGPASSWORD": token + "\n"])
    #expect(broken.status == 1)
    #expect(broken.output.contains("dsn-token-newline"))
    let unset = try await Program.run("token", "inspect", "--from-env", environment: ["PGPASSWORD": ""])
    #expect(unset.status == 64)
    #expect(unset.errors.contains("PGPASSWORD is not set"))
  }

  @Test("one line break at the end of stdin is a note, more are a fault")
  func lineBreaks() async throws {
    let token = try await token()
    let one = try await Program.run("token", "inspect", input: token + "\n")
    #expect(one.status == 0)
    #expect(one.output.contains("note: a line break ended the input"))
    #expect(try await Program.run("token", "inspect", input: token + "\r\n").status == 1)
    #expect(try await Program.run("token", "inspect", input: token + "\n\n").status == 1)
  }

  @Test("a password is no token, and is not shown")
  func password() async throws {
    let outcome = try await Program.run("token", "inspect", input: "xyzzysecret")
    #expect(outcome.status == 1)
    #expect(outcome.output.hasPrefix("This is no token: 11 bytes"))
    #expect(!outcome.output.contains("xyzzy"))
  }

  @Test("nothing to read, and what cannot be compared with, is wrong usage")
  func mistakes() async throws {
    let empty = try await Program.run("token", "inspect", input: "")
    #expect(empty.status == 64)
    #expect(empty.errors.contains("there is nothing to inspect: stdin is empty"))
    #expect(try await Program.run("token", "inspect", "-p", "0", input: "x").status == 64)
    #expect(try await Program.run("token", "inspect", "--region", "x", input: "x").status == 64)
    #expect(try await Program.run("token", "inspect", "-h", "a b", input: "x").status == 64)
  }

  @Test("JSON has facts and faults")
  func json() async throws {
    struct Report: Decodable {
      struct Fault: Decodable {
        let id, severity, reason, fix: String
      }
      let schemaVersion, port, length: Int
      let isToken, hasSessionToken: Bool
      let service, host, user, region, signingService, keySuffix, keyKind, signedAt, expiresAt: String
      let faults: [Fault]
    }
    let token = try await token()
    let outcome = try await Program.run("token", "inspect", "--format", "json", "-U", "web", input: token)
    let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    #expect((report.isToken, report.service, report.port) == (true, "rds", 5_432))
    #expect((report.region, report.signingService, report.keySuffix) == ("eu-west-1", "rds-db", "1234"))
    #expect(report.faults.map(\.id) == ["tok-wrong-user"])
    #expect(!outcome.output.contains(token.suffix(64)))
  }
}
