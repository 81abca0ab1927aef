internal import AccessModel
public import Checkup

/// A run of `doctor` for a GitHub Actions log: the text report in a group, and an annotation for each finding.
///
/// The escapes are those of GitHub's toolkit (`actions/toolkit`, `packages/core/src/command.ts`).
public struct CheckReportGitHub: Sendable {
  let report: CheckReport

  public init(_ report: CheckReport) { self.report = report }

  public var text: String { group + annotations.map { $0 + "\n" }.joined() }

  /// The text report. What a server said in it must not be taken for a command, so the runner is told to take none
  /// until it reads a word that the report does not contain.
  private var group: String {
    let text = WorkflowCommand.neutralised(CheckReportText(report, everyCheck: true).text)
    var number = 0
    while text.contains("dbauth-admin-\(number)") { number += 1 }
    let word = "dbauth-admin-\(number)"
    let title = "doctor \(ShownText.line(report.target.hostAndPort)): \(report.verdict.rawValue)"
    return "::group::\(Self.data(title))\n::stop-commands::\(word)\n\(text)::\(word)::\n::endgroup::\n"
  }

  private var annotations: [String] {
    let gone = report.rootCause.map(report.consequences) ?? []
    let counting = report.findings.map { finding in
      guard let cause = report.rootCause, gone.contains(finding) else {
        return Self.annotation(finding.severity == .error ? "error" : "warning", finding, finding.reason)
      }
      return Self.annotation("notice", finding, "\(finding.reason) (probably gone with \(cause.id))")
    }
    let unknown = report.checks.filter { $0.status == .unknown && $0.ignored == nil }.map {
      Self.command("warning", ["title": $0.id], "could not tell whether \($0.claim): \($0.message)")
    }
    let ignored = report.ignoredFindings.map {
      Self.annotation(
        "notice", $0.finding, $0.finding.reason, note: $0.reason.isEmpty ? "ignored" : "ignored: \($0.reason)"
      )
    }
    return counting + unknown + ignored
  }

  private static func annotation(
    _ level: String, _ finding: Finding, _ reason: String, note: String? = nil
  ) -> String {
    let fix = finding.fix.map { "\nFix: \($0)" } ?? ""
    let title = note.map { "\(finding.id) (\($0))" } ?? finding.id
    let message = "\(finding.heading): \(reason)\(fix)\nMore: \(finding.more)"
    guard let place = finding.location else { return command(level, ["title": title], message) }
    guard let line = place.line else { return command(level, ["file": place.path, "title": title], message) }
    return command(level, ["file": place.path, "line": String(line), "title": title], message)
  }

  private static func command(
    _ level: String, _ properties: KeyValuePairs<String, String>, _ message: String
  ) -> String {
    "::\(level) \(properties.map { "\($0)=\(property($1))" }.joined(separator: ","))::\(data(message))"
  }

  /// `%`, and the line ends that would end the command.
  static func data(_ text: String) -> String { escape(text, "%\r\n") }

  /// Also what separates properties.
  static func property(_ text: String) -> String { escape(text, "%\r\n:,") }

  private static func escape(_ text: String, _ special: String) -> String {
    var escaped = ""
    for scalar in WorkflowCommand.neutralised(text).unicodeScalars {
      if special.unicodeScalars.contains(scalar) {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        escaped += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
      } else if !scalar.steersDisplay {
        escaped.unicodeScalars.append(scalar)
      } else {
        escaped += escape(ShownText.escape(scalar), special)
      }
    }
    return escaped
  }
}
