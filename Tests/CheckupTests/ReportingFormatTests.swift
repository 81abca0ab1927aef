import Checkup
import Testing

@testable import Reporting

@Suite("doctor's report for programs")
struct ReportingFormatTests {
  @Test(
    "durations have three decimals in milliseconds, and round",
    arguments: [
      (0, "0.000"), (499, "0.000"), (500, "0.001"), (999_999, "1.000"), (12_345_678, "12.346"),
      (61_000_000_000, "61000.000"),
    ] as [(Int64, String)])
  func milliseconds(_ nanoseconds: Int64, _ text: String) {
    #expect(Duration.nanoseconds(nanoseconds).milliseconds == text)
  }

  @Test("a percentile is a sample that was measured")
  func percentile() {
    let samples = (1...20).map { Duration.milliseconds($0) }
    #expect(samples.percentile(0.95) == .milliseconds(19))
    #expect(samples.percentile(1) == .milliseconds(20))
    #expect([Duration]().percentile(0.5) == nil)
  }

  @Test("a GitHub property escapes what separates properties; data does not")
  func github() {
    #expect(CheckReportGitHub.property("50%, a:b\r\n") == "50%25%2C a%3Ab%0D%0A")
    #expect(CheckReportGitHub.data("50%, a:b\r\n") == "50%25, a:b%0D%0A")
  }

  @Test("the word that ends GitHub's silence is none that the report contains")
  func stopWord() {
    var report = Samples.healthy
    report.checks[0].message = "::dbauth-admin-0::"
    #expect(CheckReportGitHub(report).text.contains("\n::stop-commands::dbauth-admin-1\n"))
  }

  @Test(
    "a SARIF place is a relative reference, or a file URI",
    arguments: [
      ("deploy/dbauth.yaml", "deploy/dbauth.yaml"), ("/etc/a b", "file:///etc/a%20b"), ("c:d", "c%3Ad"),
      ("é", "%C3%A9"),
    ])
  func uri(_ path: String, _ uri: String) {
    #expect(CheckReportSARIF.uri(path) == uri)
  }

  @Test("a warning is a failed JUnit test with --fail-on warn only")
  func failOn() {
    let report = Samples.warnings
    #expect(CheckReportFormat.junit.render(report).contains(#"failures="0""#))
    #expect(CheckReportFormat.junit.render(report, .init(failsOnWarnings: true)).contains(#"failures="2""#))
  }

  @Test("a fence is longer than any row of backticks inside")
  func fence() {
    #expect(MarkdownText.block("a\n````\nb").hasPrefix("`````\n"))
  }

  @Test("evidence that was measured more than once is an array")
  func evidence() {
    let text = CheckReportFormat.json.render(Samples.failing)
    #expect(text.contains(#""address": ["#))
    #expect(text.contains(#""dialled": "db.example.com""#))
  }
}
