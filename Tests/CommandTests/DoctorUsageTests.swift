import FoundationEssentials
import Testing

@Suite("doctor: wrong usage")
struct DoctorUsageTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let arguments: [String]
    let environment: [String: String]
    /// What the message has to say.
    let words: [String]

    init(
      _ description: String, _ arguments: [String], _ environment: [String: String] = [:],
      says words: String...
    ) {
      (testDescription, self.arguments, self.environment, self.words) = (
        description, arguments, environment, words
      )
    }
  }

  private static let host = ["-h", Program.endpoint]

  static let mistakes: [Mistake] = [
    Mistake("no host", [], says: "host", "-h/--host", "PGHOST"),
    Mistake("an empty host", ["-h", ""], says: "host"),
    Mistake("a URL as the host", ["-h", "https://db.example.com/"], says: "not a host name"),
    Mistake("two hosts", ["-h", "a.example.com,b.example.com"], says: "several hosts"),
    Mistake("a socket", ["-h", "/run/postgresql"], says: "Unix-domain socket", "TCP"),
    Mistake("a word as the port", host + ["-p", "postgres"], says: "-p/--port", "not a port"),
    Mistake("port 0", host + ["-p", "0"], says: "0", "port"),
    Mistake("port 65536", host + ["-p", "65536"], says: "65536"),
    Mistake("a bad port of the environment", host, ["PGPORT": "x"], says: "PGPORT"),
    Mistake(
      "-h and -d that differ", host + ["-d", "host=other"], says: "host", "-h/--host", "-d/--dbname", "other"),
    Mistake("-p and a URI that differ", ["-p", "1", "-d", "postgresql://h:2/d"], says: "port", "“1”", "“2”"),
    Mistake("a connection string that libpq does not take", ["-d", "hots=h"], says: "hots", "-d/--dbname"),
    Mistake(
      "an administrator's string that libpq does not take", host + ["--admin", "hots=h"], says: "hots",
      "--admin"),
    Mistake(
      "an unknown check in --only", host + ["--only", "tls-nmae"], says: "tls-nmae", "“tls-name”", "--list"),
    Mistake("an unknown stage in --only", host + ["--only", "config,tsl"], says: "tsl", "“tls”"),
    Mistake(
      "an unknown check in --skip", host + ["--skip", "role-object"], says: "--skip", "“role-objects”"),
    Mistake(
      "an unknown check in --ignore", host + ["--ignore", "tls-expird=why"], says: "--ignore", "“tls-expired”"
    ),
    Mistake("a check that is like no other", host + ["--only", "zzzzzzzzzz"], says: "zzzzzzzzzz", "--list"),
    Mistake("--only nothing", host + ["--only", ""], says: "--only"),
    Mistake(
      "the same check in --only and --skip", host + ["--only", "tls-name", "--skip", "tls-name"],
      says: "--only tls-name", "--skip tls-name"),
    Mistake(
      "a budget for no phase", host + ["--budget", "handshake=100"], says: "handshake", "tls-request", "ready"
    ),
    Mistake("a budget without a number", host + ["--budget", "tls"], says: "--budget", "tls"),
    Mistake("a budget that is no time", host + ["--budget", "tls=fast"], says: "fast"),
    Mistake("a budget of nothing", host + ["--budget", "tls=0"], says: "tls", "milliseconds"),
    Mistake("a negative budget", host + ["--budget", "tls=-5"], says: "-5"),
    Mistake("no samples", host + ["--samples", "0"], says: "--samples"),
    Mistake("too many samples", host + ["--samples", "1000000"], says: "--samples"),
    Mistake("a timeout that is no time", host + ["--timeout", "soon"], says: "--timeout", "soon"),
    Mistake("no time", host + ["--timeout", "0"], says: "--timeout"),
    Mistake(
      "--offline with --samples", host + ["--offline", "--samples", "5"], says: "--offline", "--samples"),
    Mistake(
      "--offline with --budget", host + ["--offline", "--budget", "tls=5"], says: "--offline", "--budget"),
    Mistake(
      "--offline with --admin", host + ["--offline", "--admin", "user=m"], says: "--offline", "--admin"),
    Mistake(
      "--offline with --dns-server", host + ["--offline", "--dns-server", "10.0.0.2"], says: "--offline",
      "--dns-server"),
    Mistake(
      "--compare-password without one", host + ["--compare-password"], says: "DBAUTH_COMPARE_PASSWORD"),
    Mistake("--compare-user alone", host + ["--compare-user", "u"], says: "--compare-password"),
    Mistake(
      "--password-from-env with --profile", host + ["--password-from-env", "--profile", "x"],
      says: "--password-from-env", "--profile"),
    Mistake(
      "a name as the name server", host + ["--dns-server", "dns.example.com"], says: "dns.example.com"),
    Mistake("a name server's port", host + ["--dns-server", "10.0.0.2:99999"], says: "99999"),
    Mistake("no name server", host + ["--dns-server", ""], says: "DNS server"),
    Mistake("an address as the token's host", host + ["--token-host", "10.0.0.1"], says: "10.0.0.1"),
    Mistake(
      "a bad port of the token's host", host + ["--token-host", "h.example.com:x"], says: "--token-host", "x"),
    Mistake("no region", host + ["--region", "Europe"], says: "Europe"),
    Mistake("an unknown format", host + ["--format", "yaml"], says: "yaml", "sarif"),
    Mistake("a format without its file", host + ["--format", "json="], says: "json"),
    Mistake(
      "two formats on stdout", host + ["--format", "json", "--format", "sarif"], says: "json", "sarif"),
    Mistake(
      "two formats in one file", host + ["--format", "json=/tmp/x", "--format", "sarif=/tmp/x"],
      says: "same file"),
    Mistake(
      "a report's file in a folder that is not there", host + ["--output", "/nonexistent/report.txt"],
      says: "/nonexistent/report.txt", "nothing was checked"),
    Mistake(
      "a folder for a report's file", host + ["--format", "json=/tmp"], says: "/tmp", "nothing was checked"),
    Mistake("--config without --target", host + ["--config", "dbauth.yaml"], says: "--config", "--target"),
    Mistake(
      "a target file that is not there", ["--target", "t", "--config", "/nonexistent/dbauth.yaml"],
      says: "/nonexistent/dbauth.yaml", "--config"),
    Mistake("an unknown service", [], ["PGSERVICE": "nowhere"], says: "nowhere"),
    Mistake(
      "a folder of pages that is not there", host + ["--checks", "/nonexistent"], says: "/nonexistent"),
    Mistake("a file for a folder of pages", host + ["--checks", "/dev/null"], says: "/dev/null"),
    Mistake("an unknown --fail-on", host + ["--fail-on", "maybe"], says: "maybe"),
    Mistake("an unknown flag", host + ["--onyl", "tls"], says: "--onyl"),
    Mistake("an argument too many", host + ["more"], says: "more"),
  ]

  @Test("ends with status 64, says what is wrong and writes nothing to stdout", arguments: mistakes)
  func mistake(_ mistake: Mistake) async throws {
    let outcome = try await Program.run(
      ["doctor"] + mistake.arguments, environment: Program.keys.merging(mistake.environment) { $1 })
    #expect(outcome.status == 64, "\(outcome.errors)")
    #expect(outcome.output == "")
    for word in mistake.words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
    #expect(!outcome.errors.contains("Usage: dbauth-admin <subcommand>"), "\(outcome.errors)")
  }

  @Test("a message never shows a password or a token's signature")
  func secrets() async throws {
    let token = "h:5432/?Action=connect&DBUser=app&X-Amz-Signature=deadbeefcafe"
    for arguments in [
      ["-d", "hots=h password=geheimnis"], ["-d", "postgresql://app:geheimnis@h:x/d?hots=1"],
      ["-h", "h", "--admin", "password=geheimnis hots=h"],
      ["-h", "h", "-d", "host=other password=geheimnis"],
      ["--offline", "-d", "postgresql://app:\(token)@h/shop"],
    ] {
      let outcome = try await Program.run(["doctor"] + arguments)
      #expect(!(outcome.errors + outcome.output).contains("geheimnis"), "\(outcome.errors)")
      #expect(!(outcome.errors + outcome.output).contains("deadbeefcafe"), "\(outcome.output)")
    }
  }
}
