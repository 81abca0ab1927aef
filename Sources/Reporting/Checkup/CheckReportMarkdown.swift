internal import AccessModel
public import Checkup

/// A run of `doctor` for a job's summary (`$GITHUB_STEP_SUMMARY`), a merge request's comment or a wiki.
public struct CheckReportMarkdown: Sendable {
  let report: CheckReport

  public init(_ report: CheckReport) { self.report = report }

  public var text: String {
    WorkflowCommand.neutralised(
      [heading, verdict, others, table, modes, phases, footer].filter { !$0.isEmpty }.joined(separator: "\n"))
  }

  private var heading: String {
    let word =
      switch report.verdict {
      case .pass: "✓ healthy"
      case .warn: "! works, with warnings"
      case .fail: "✗ broken"
      case .incomplete: "? incomplete"
      }
    return "### \(word): \(Self.inline(report.target.hostAndPort))\n"
  }

  private var verdict: String {
    guard let cause = report.rootCause else { return "" }
    let gone = report.consequences(of: cause).map { Self.inline($0.id) }
    let folded =
      gone.isEmpty ? "" : "\nAlso seen, and probably gone with it: \(gone.joined(separator: ", "))\n"
    return Self.section(cause) + folded
  }

  private var others: String {
    guard !report.others.isEmpty else { return "" }
    return "<details><summary>Other findings: \(report.others.count)</summary>\n\n"
      + report.others.map(Self.section).joined(separator: "\n") + "\n</details>\n"
  }

  private static func section(_ finding: Finding) -> String {
    var text = "**\(inline(finding.id))**: \(inline(finding.heading))\n\nWhy: \(inline(finding.reason))\n"
    if let place = finding.place { text += "\nIn: \(inline(ShownText.line(place)))\n" }
    if let fix = finding.fix { text += "\nFix:\n\n\(MarkdownText.block(fix))" }
    return text + "\nMore: `\(finding.more.filter { $0 != "`" && !$0.isNewline })`\n"
  }

  private var table: String {
    let rows = report.checks.map { check in
      "| \(CheckMark(check.status, unicode: true).sign) | \(check.stage.rawValue) | \(Self.inline(check.id)) "
        + "| \(Self.inline(ShownText.line(check.summary))) |\n"
    }
    return "| | stage | check | |\n|---|---|---|---|\n" + rows.joined()
  }

  private var modes: String {
    guard !report.sslModes.isEmpty else { return "" }
    let rows = report.sslModes.map { mode in
      let name = mode.mode == report.target.sslMode ? "**\(Self.inline(mode.mode))**" : Self.inline(mode.mode)
      let facts = [mode.connects, mode.connects && mode.encrypted, mode.connects && mode.verified]
      return
        "| \(name) | \(facts.map { $0 ? "yes" : "no" }.joined(separator: " | ")) | \(Self.inline(mode.reason)) |\n"
    }
    return Self.details(
      "What each sslmode would do here",
      "| sslmode | connects | encrypted | verified | reason |\n|---|---|---|---|---|\n" + rows.joined())
  }

  private var phases: String {
    guard !report.phases.isEmpty else { return "" }
    let rows = report.phases.map { phase in
      "| \(phase.phase.rawValue) | \(phase.duration.milliseconds) | \(phase.roundTrips.map(String.init) ?? "") |\n"
    }
    return Self.details(
      "Where the time goes", "| phase | ms | round trips |\n|---|--:|--:|\n" + rows.joined())
  }

  private static func details(_ summary: String, _ body: String) -> String {
    "<details><summary>\(summary)</summary>\n\n\(body)\n</details>\n"
  }

  private var footer: String {
    let tool = report.tool
    // OpenSSL's own words begin with its name.
    let openssl = tool.openssl.hasPrefix("OpenSSL ") ? tool.openssl : "OpenSSL \(tool.openssl)"
    return "dbauth-admin \(Self.inline(tool.version)), libpq \(Self.inline(tool.libpq)), "
      + "\(Self.inline(openssl)), in \(report.duration.shown)\n"
  }

  private static func inline(_ text: String) -> String { MarkdownText.inline(text) }
}
