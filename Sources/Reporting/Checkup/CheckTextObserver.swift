public import Checkup

/// Takes text that is ready to be written: to a stream, a file, or a test.
public typealias TextSink = @Sendable (String) -> Void

/// Writes the text report while the run goes on: exactly ``CheckReportText``, piece by piece.
///
/// Checks of a stage run side by side and end in any order, and a stage in which all is well is one line. So a stage is
/// written as soon as its last check has ended and the stages before it have been written.
public actor CheckTextObserver: CheckObserver {
  private let style: OutputStyle
  private let everyCheck: Bool
  private let write: TextSink
  /// The run's checks in their order, and what came of them.
  private var order: [String]
  private var stages: [String: Stage]
  private var results: [String: CheckResult] = [:]
  private var written: Set<Stage> = []

  /// - Parameters:
  ///   - checks: all checks that the run will report, in the report's order, skipped ones too.
  ///   - target: what is looked at, with the host, port, user and database of the report; without it nothing is written
  ///     before `finish`.
  public init(
    checks: [(id: String, stage: Stage)], target: TargetSummary? = nil, style: OutputStyle,
    everyCheck: Bool = false, write: @escaping TextSink
  ) {
    self.style = style
    self.everyCheck = everyCheck
    self.write = write
    order = checks.map(\.id)
    stages = Dictionary(checks.map { ($0.id, $0.stage) }, uniquingKeysWith: { $1 })
    if let target { write(CheckReportText.heading(target, style)) }
    headed = target != nil
  }

  private var headed: Bool

  public func receive(_ event: CheckEvent) {
    guard case .finished(let check) = event else { return }
    if stages[check.id] == nil { order.append(check.id) }
    stages[check.id] = check.stage
    results[check.id] = check
    writeCompleteStages()
  }

  /// Writes what is left: stages that were not complete, the phases, the sslmode table and the verdict.
  public func finish(_ report: CheckReport) {
    let text = CheckReportText(report, style: style, everyCheck: everyCheck)
    if !headed { write(text.heading) }
    for stage in Stage.allCases where !written.contains(stage) {
      writeStage(stage, report.checks.filter { $0.stage == stage })
    }
    write(text.ending)
  }

  private func writeCompleteStages() {
    guard headed else { return }
    for stage in Stage.allCases where !written.contains(stage) {
      let ids = order.filter { stages[$0] == stage }
      let ended = ids.compactMap { results[$0] }
      guard ended.count == ids.count else { return }
      writeStage(stage, ended)
    }
  }

  private func writeStage(_ stage: Stage, _ checks: [CheckResult]) {
    written.insert(stage)
    guard !checks.isEmpty else { return }
    write(CheckReportText.stage(stage, checks, style, everyCheck))
  }
}
