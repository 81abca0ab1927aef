import AccessModel
import Checkup
import Foundation
import Reporting
import Testing

@Suite("A report with hostile text in every place")
struct ReportingHostileTests {
  /// Nothing that XML cannot have, so that every format can carry it.
  private static let hostile =
    "x\u{9B}31m\u{202E}\u{200B}\u{7F}\n::error::y\n\t::stop-commands::z\n##vso[a]b ##[error]c ##teamcity[d] ]]> & \"'<"

  private static var report: CheckReport {
    var report = Samples.failing
    for index in report.checks.indices {
      report.checks[index].message = hostile
      report.checks[index].claim = hostile
      report.checks[index].evidence = [EvidenceItem(hostile, hostile)]
      for number in report.checks[index].findings.indices {
        report.checks[index].findings[number].reason = hostile
        report.checks[index].findings[number].fix = hostile
        report.checks[index].findings[number].title = hostile
      }
    }
    for index in report.findings.indices {
      report.findings[index].reason = hostile
      report.findings[index].fix = hostile
      report.findings[index].title = hostile
      report.findings[index].location = FileLocation(path: hostile, line: 1)
    }
    report.target.user = hostile
    report.target.database = hostile
    return report
  }

  @Test("steers no terminal in any format", arguments: CheckReportFormat.allCases)
  func terminal(_ format: CheckReportFormat) {
    let text = format.render(Self.report)
    #expect(!text.unicodeScalars.contains { $0.steersDisplay && $0 != "\n" })
  }

  @Test(
    "steers no CI system in any format that is not made for one",
    arguments: CheckReportFormat.allCases.filter { ![.github, .text].contains($0) })
  func workflow(_ format: CheckReportFormat) {
    #expect(!WorkflowCommand.isIn(format.render(Self.report)))
  }

  @Test("has GitHub read its own commands alone")
  func github() {
    let lines = CheckReportFormat.github.render(Self.report).split(separator: "\n")
    let commands = lines.filter { $0.drop { $0.isWhitespace }.hasPrefix("::") }
    let own = [
      "::group::", "::stop-commands::dbauth-admin-", "::dbauth-admin-", "::endgroup::", "::error ",
      "::warning ", "::notice ",
    ]
    for command in commands { #expect(own.contains { command.hasPrefix($0) }, "\(command)") }
    #expect(!lines.contains { $0.contains("##vso[") || $0.contains("##[") || $0.contains("##teamcity[") })
  }

  @Test("is read back from JSON and SARIF as it was", arguments: [CheckReportFormat.json, .sarif])
  func json(_ format: CheckReportFormat) throws {
    let text = format.render(Self.report)
    let read = try JSONSerialization.jsonObject(with: Data(text.utf8))
    #expect(texts(in: read).contains { $0.contains(Self.hostile) })
  }

  private func texts(in value: Any) -> [String] {
    switch value {
    case let text as String: [text]
    case let list as [Any]: list.flatMap(texts)
    case let object as [String: Any]: object.values.flatMap(texts)
    default: []
    }
  }
}
