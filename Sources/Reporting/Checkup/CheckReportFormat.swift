public import Checkup

/// The forms in which a report can be written: `--format NAME`.
public enum CheckReportFormat: String, Sendable, Hashable, CaseIterable {
  case text, json, jsonl, junit, sarif, github, markdown

  /// What a report's renderers need to know of the run.
  public struct Options: Sendable {
    /// For text.
    public var style: OutputStyle
    /// For text: a line for each check, even where all is well.
    public var everyCheck: Bool
    /// For JUnit: a warning is a failed test, as with `--fail-on warn`.
    public var failsOnWarnings: Bool
    /// For SARIF: the file that describes the target, as a path from the repository's root.
    public var file: String?

    public init(
      style: OutputStyle = .plain, everyCheck: Bool = false, failsOnWarnings: Bool = false,
      file: String? = nil
    ) {
      self.style = style
      self.everyCheck = everyCheck
      self.failsOnWarnings = failsOnWarnings
      self.file = file
    }
  }

  /// The whole report, with a final newline.
  public func render(_ report: CheckReport, _ options: Options = Options()) -> String {
    switch self {
    case .text: CheckReportText(report, style: options.style, everyCheck: options.everyCheck).text
    case .json: CheckReportJSON(report).text
    case .jsonl: CheckReportJSONLines.text(report)
    case .junit: CheckReportJUnit(report, failsOnWarnings: options.failsOnWarnings).text
    case .sarif: CheckReportSARIF(report, file: options.file).text
    case .github: CheckReportGitHub(report).text
    case .markdown: CheckReportMarkdown(report).text
    }
  }
}
