import Checkup
import Reporting
import Testing

@Suite("doctor's report for people")
struct ReportingTextTests {
  static func lines(_ sample: SampleReport, width: Int?, unicode: Bool = true) -> [String] {
    CheckReportText(sample.report, style: OutputStyle(unicode: unicode, width: width)).text
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init).dropLast()
  }

  @Test("a healthy run fits a screen of 24 lines and 80 columns")
  func oneScreen() {
    let lines = Self.lines(.healthy, width: 80)
    #expect(lines.count <= 24)
    #expect(lines.allSatisfy { $0.count <= 80 })
  }

  @Test(
    "a line is longer than the terminal only when a single word is, or when it is a command to paste",
    arguments: [SampleReport.healthy, .failing, .warnings, .incomplete], [40, 60, 80, 200])
  func wrapped(_ sample: SampleReport, _ width: Int) {
    for line in Self.lines(sample, width: width) where line.count > width {
      let words = line.split(separator: " ")
      let labels: Set<Substring> = ["fix:", "more:"]
      let pasted = words.drop { labels.contains($0) }.joined(separator: " ")
      let isCommand = sample.report.findings.contains {
        $0.fix?.contains(pasted) ?? false || pasted == "dbauth-admin explain \($0.id)"
      }
      // The heading of a line (its mark or label) may share the line with a word that is too long for any line.
      #expect(isCommand || words.contains { $0.count > width - 20 }, "\(line)")
    }
  }

  @Test(
    "a command or setting in a fix stays on one line however narrow the terminal is; prose does not",
    arguments: [
      ("aws rds modify-db-instance --ca-certificate-identifier rds-ca-rsa2048-g1", true),
      ("GRANT rds_iam TO \"orders owner\" WITH ADMIN OPTION;", true),
      ("sslmode=verify-full sslrootcert=/etc/ssl/certs/global-bundle.pem", true),
      ("PGPASSWORD=\"$(dbauth-admin token rds --host db.example.com)\" psql", true),
      ("eval \"$(aws configure export-credentials --profile app --format env)\"", true),
      ("# and then, on the same server, as the same user", true),
      ("ask the person who looks after the server to do this", false),
    ])
  func pasted(_ fix: String, _ isWhole: Bool) {
    var report = Samples.warnings
    report.findings[0].fix = fix
    let text = CheckReportText(report, style: OutputStyle(unicode: true, width: 40)).text
    #expect(text.contains(fix) == isWhole)
    #expect(text.contains("dbauth-admin explain \(report.findings[0].id)\n"))
  }

  @Test("a stage that waits for what failed before is one line, whichever check waits for which")
  func foldedStage() {
    var report = Samples.incomplete
    for index in report.checks.indices where report.checks[index].id == "role-objects" {
      report.checks[index].missing = ["role-database", "cred-chain"]
    }
    let text = CheckReportText(report).text
    #expect(
      text.contains(
        "skip privileges   needs login-token, cred-chain (role-attributes, role-memberships, role-database, role-objects)\n"
      ))
  }

  @Test("no id is ever cut", arguments: SampleReport.allCases, [40, 80])
  func ids(_ sample: SampleReport, _ width: Int) {
    let text = Self.lines(sample, width: width).joined(separator: "\n")
    for check in sample.report.checks
    where check.status != .pass && !(check.status == .skip && check.missing.isEmpty) {
      #expect(text.contains(check.id))
    }
    for finding in sample.report.findings { #expect(text.contains(finding.id)) }
  }

  @Test(
    "without a style there is no escape code, and nothing of our own but ASCII",
    arguments: SampleReport.allCases)
  func plain(_ sample: SampleReport) {
    let text = CheckReportText(sample.report).text
    #expect(!text.unicodeScalars.contains("\u{1B}"))
    if sample != .hostile { #expect(text.utf8.allSatisfy { $0 < 0x80 }) }
  }

  @Test("nothing that a server says reaches the terminal as a control character, whatever the format")
  func harmless() {
    for format in CheckReportFormat.allCases {
      let text = format.render(Samples.hostile)
      let controls = text.unicodeScalars.filter {
        ($0.value < 0x20 && $0 != "\n") || (0x7F..<0xA0).contains($0.value)
          || (0x202A...0x202E).contains($0.value)
      }
      #expect(controls.isEmpty, "\(format)")
    }
  }

  @Test("the verdict is the last line, and starts with the root cause")
  func verdict() throws {
    let lines = Self.lines(.failing, width: nil, unicode: false)
    #expect(lines.last == "FAIL broken: 2 failed, 1 warned, 19 passed, 6 skipped in 1.48 s")
    let cause = try #require(lines.firstIndex { $0.hasPrefix("FAIL tls-name-mismatch") })
    let others = try #require(lines.firstIndex(of: "other findings"))
    #expect(lines[cause..<others].contains("  also seen, and probably gone with it: auth-alias-signed"))
    #expect(!lines[others...].joined().contains("auth-alias-signed"))
  }

  @Test("a skipped check names what it needs, and an ignored one says why it does not count")
  func visible() {
    let lines = Self.lines(.incomplete, width: nil, unicode: false)
    #expect(lines.contains("skip token        needs cred-chain (token-facts)"))
    #expect(
      lines.contains(
        "  warn tls-expiry     ignored (rotation is planned for Monday): tls-expiring: 12 days left"))
    #expect(lines.contains("could not tell: cred-chain"))
  }

  @Test("a bar is never wider than its place, however the phases share the time")
  func bars() {
    for (dns, tls) in [(0, 0), (1, 999_999), (999_999, 1), (500, 500)] as [(Int64, Int64)] {
      var report = Samples.healthy
      report.phases = [
        PhaseTime(phase: .dns, duration: .microseconds(dns)),
        PhaseTime(phase: .tls, duration: .microseconds(tls)),
        PhaseTime(phase: .ready, duration: .zero),
      ]
      let text = CheckReportText(report, style: OutputStyle(unicode: true, width: 80)).text
      #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    }
  }
}
