public import Checkup

/// A run's events as JSON, one object a line: what starts, what a check found, and the whole report last.
public enum CheckReportJSONLines {
  /// `{"type":"started",…}` or `{"type":"check",…}`, with its line end.
  public static func line(_ event: CheckEvent) -> String {
    switch event {
    case .started(let id, let stage, let claim):
      return line(
        "started",
        [
          .init(name: "id", value: .string(id)), .init(name: "category", value: .string(stage.rawValue)),
          .init(name: "claim", value: .string(claim)),
        ])
    case .finished(let check): return line("check", CheckReportJSON.members(check))
    }
  }

  /// `{"type":"report",…}`: the document of `--format json` on one line.
  public static func line(_ report: CheckReport) -> String {
    line("report", CheckReportJSON(report).members)
  }

  /// All lines that a run without an observer would have: each check, then the report.
  public static func text(_ report: CheckReport) -> String {
    report.checks.map { line(.finished($0)) }.joined() + line(report)
  }

  private static func line(_ type: String, _ members: [JSONValue.Member]) -> String {
    JSONValue.object([JSONValue.Member(name: "type", value: .string(type))] + members).compact + "\n"
  }
}
