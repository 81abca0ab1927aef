internal import AccessModel
public import Checkup

/// A run of `doctor` as people read it: the checks by stage, the phases, the sslmode table, and the verdict last,
/// where the eye is.
///
/// Without findings it fits a screen of 24 lines and 80 columns: a stage in which all is well is one line.
public struct CheckReportText: Sendable {
  let report: CheckReport
  let style: OutputStyle
  let everyCheck: Bool

  /// - Parameter everyCheck: a line for each check, even in stages in which all is well.
  public init(_ report: CheckReport, style: OutputStyle = .plain, everyCheck: Bool = false) {
    self.report = report
    self.style = style
    self.everyCheck = everyCheck
  }

  public var text: String { heading + stages + ending }

  /// What was asked for: known before the first check.
  var heading: String { Self.heading(report.target, style) }

  static func heading(_ target: TargetSummary, _ style: OutputStyle) -> String {
    var words = target.hostAndPort
    if let user = target.user { words += " as \(user)" }
    if let database = target.database { words += ", database \(database)" }
    return HangingText("", indent: 2, ShownText.line(words), textTint: .bold).render(style)
  }

  private var stages: String {
    Stage.allCases.map { stage in
      let checks = report.checks.filter { $0.stage == stage }
      return checks.isEmpty ? "" : Self.stage(stage, checks, style, everyCheck)
    }.joined()
  }

  static func stage(_ stage: Stage, _ checks: [CheckResult], _ style: OutputStyle, _ everyCheck: Bool)
    -> String
  {
    CheckStageText(stage: stage, checks: checks, style: style, everyCheck: everyCheck).text
  }

  /// Everything that is known only when the run is over.
  var ending: String {
    let modes = SSLModeTable(
      outcomes: report.sslModes, asked: report.target.sslMode, effective: report.target.effectiveSSLMode,
      style: style)
    let phases = PhaseWaterfall(phases: report.phases, style: style).text
    let verdict = CheckVerdictText(report: report, style: style).text
    if report.verdict == .pass, !everyCheck { return phases + modes.short + verdict }
    return [phases, modes.text, verdict].filter { !$0.isEmpty }.map { "\n\($0)" }.joined()
  }
}
