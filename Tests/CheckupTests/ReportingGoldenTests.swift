import Reporting
import Testing

@Suite("Golden files of doctor's report")
struct ReportingGoldenTests {
  static let terminal = OutputStyle(color: true, unicode: true, width: 80)

  @Test("text, as a pipe gets it", arguments: SampleReport.allCases)
  func plain(_ sample: SampleReport) throws {
    try GoldenFile.expect(CheckReportText(sample.report).text, "\(sample.rawValue).txt")
  }

  @Test("text, on a terminal of 40, 80 and 200 columns", arguments: SampleReport.allCases, [40, 80, 200])
  func terminal(_ sample: SampleReport, _ width: Int) throws {
    let style = OutputStyle(color: false, unicode: true, width: width)
    try GoldenFile.expect(
      CheckReportText(sample.report, style: style).text, "\(sample.rawValue).\(width).txt")
  }

  @Test("text with colours", arguments: [SampleReport.failing])
  func colour(_ sample: SampleReport) throws {
    try GoldenFile.expect(
      CheckReportText(sample.report, style: Self.terminal).text, "\(sample.rawValue).ansi.txt")
  }

  @Test("a line for every check", arguments: [SampleReport.healthy])
  func everyCheck(_ sample: SampleReport) throws {
    let style = OutputStyle(color: false, unicode: true, width: 80)
    try GoldenFile.expect(
      CheckReportText(sample.report, style: style, everyCheck: true).text,
      "\(sample.rawValue).every-check.txt")
  }

  @Test(
    "every other format", arguments: SampleReport.allCases,
    [
      (CheckReportFormat.json, "json"), (.jsonl, "jsonl"), (.junit, "junit.xml"), (.sarif, "sarif"),
      (.github, "github.log"),
      (.markdown, "md"),
    ])
  func format(_ sample: SampleReport, _ format: (CheckReportFormat, ending: String)) throws {
    try GoldenFile.expect(format.0.render(sample.report), "\(sample.rawValue).\(format.ending)")
  }

  @Test("JUnit in which a warning is a failed test, and SARIF in which every result has a file")
  func options() throws {
    let options = CheckReportFormat.Options(failsOnWarnings: true, file: "deploy/dbauth.yaml")
    let warnings = SampleReport.warnings.report
    try GoldenFile.expect(
      CheckReportFormat.junit.render(warnings, options), "warnings.fail-on-warn.junit.xml")
    try GoldenFile.expect(CheckReportFormat.sarif.render(warnings, options), "warnings.with-file.sarif")
  }
}
