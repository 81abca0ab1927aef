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
      let isCommand = sample.report.findings.contains {
        $0.fix?.contains(words.joined(separator: " ")) ?? false
      }
      // The heading of a line (its mark or label) may share the line with a word that is too long for any line.
      #expect(isCommand || words.contains { $0.count > width - 20 }, "\(line)")
    }
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
    #expect(lines.contains("skip token        skipped (needs cred-chain): token-facts"))
    #expect(lines.contains("  warn tls-expiry     ignored (rotation is planned for Monday): tls-expired: 12 days left"))
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
