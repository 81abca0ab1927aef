internal import AccessModel
public import Diagnoses

/// Runs checks: side by side where they do not need each other, and never beyond the run's deadline.
public struct Checkup: Sendable {
  private let request: CheckupRequest
  private let checks: [any Check]
  private let pages: PageRegistry
  private let observers: [any CheckObserver]

  public init(_ request: CheckupRequest, pages: PageRegistry = .embedded, observers: [any CheckObserver] = [])
  {
    self.init(request, CheckRegistry.all, pages: pages, observers: observers)
  }

  init(
    _ request: CheckupRequest, _ checks: [any Check], pages: PageRegistry = .embedded,
    observers: [any CheckObserver] = []
  ) {
    self.request = request
    self.checks = checks
    self.pages = pages
    self.observers = observers
  }

  /// Runs every check that was asked for.
  public func run() async -> CheckReport {
    let started = ContinuousClock.now
    let run = CheckupRun(request, end: started + request.timeout)
    let selected = CheckSelection(request, checks)
    var results: [String: CheckResult] = [:]
    var blocked: Set<String> = []
    var waiting = checks.filter { selected.contains($0.id) }

    await withTaskGroup(of: (any Check, Outcome, Duration).self) { group in
      var running = 0
      while true {
        var progressed = true
        while progressed {
          progressed = false
          for check in waiting
          where (check.requires + check.after).allSatisfy({ isSettled($0, results, selected) }) {
            waiting.removeAll { $0.id == check.id }
            progressed = true
            let missing = check.requires.filter { blocked.contains($0) }
            if let reason = selected.reasonToSkip(check) ?? (missing.isEmpty ? nil : "") {
              blocked.insert(check.id)
              let result = CheckResult(
                id: check.id, stage: check.stage, claim: check.claim, status: .skip,
                message: reason.isEmpty ? "needs \(missing.joined(separator: ", "))" : reason,
                requires: check.requires, missing: reason.isEmpty ? missing : [])
              results[check.id] = result
              await tell(.finished(result))
              continue
            }
            await tell(.started(id: check.id, stage: check.stage, claim: check.claim))
            running += 1
            group.addTask {
              let began = ContinuousClock.now
              let outcome = await check.run(run)
              return (check, outcome, ContinuousClock.now - began)
            }
          }
        }
        guard running > 0, let (check, outcome, duration) = await group.next() else { break }
        running -= 1
        let result = judged(
          check, outcome, duration, await run.evidence, isCut: cutShort(check, duration, outcome, run)
        ).redacted(by: await run.redactor.excepting(request.publicNames))
        if result.status == .fail || result.status == .unknown { blocked.insert(check.id) }
        results[check.id] = result
        await tell(.finished(result))
      }
    }
    let report = await ReportAssembly(run, request, ordered(results), ContinuousClock.now - started).report
    await run.close()
    return report
  }

  /// The checks that a run reports, in the report's order.
  public static func reported(_ request: CheckupRequest) -> [(id: String, stage: Stage)] {
    let selected = CheckSelection(request, CheckRegistry.all)
    return CheckRegistry.all.filter { selected.contains($0.id) }.map { ($0.id, $0.stage) }
  }

  /// Whether a check failed because the run's time was over, and not its own: then it says nothing about the target.
  private func cutShort(_ check: any Check, _ duration: Duration, _ outcome: Outcome, _ run: CheckupRun)
    -> Bool
  {
    let now = ContinuousClock.now
    guard outcome.status == .fail || outcome.status == .unknown, check.usesNetwork, now >= run.end else {
      return false
    }
    return run.end - (now - duration) < min(check.deadline, .seconds(2))
  }

  private func isSettled(_ id: String, _ results: [String: CheckResult], _ selected: CheckSelection) -> Bool {
    results[id] != nil || !selected.contains(id)
  }

  private func ordered(_ results: [String: CheckResult]) -> [CheckResult] {
    checks.compactMap { results[$0.id] }
  }

  private func tell(_ event: CheckEvent) async {
    for observer in observers { await observer.receive(event) }
  }

  /// The check's result: what it saw, with what that means.
  private func judged(
    _ check: any Check, _ outcome: Outcome, _ duration: Duration, _ evidence: Evidence, isCut: Bool
  ) -> CheckResult {
    if isCut {
      return CheckResult(
        id: check.id, stage: check.stage, claim: check.claim, status: .unknown,
        message: "no time was left of --timeout: \(outcome.message)", evidence: outcome.evidence,
        requires: check.requires, duration: duration)
    }
    var findings = Classifier.findings(evidence, of: check.id, pages: pages)
    for index in findings.indices {
      let page = pages[findings[index].id]
      findings[index].title = page?.title ?? findings[index].id
      findings[index].fix = findings[index].fix ?? example(page, findings[index].confidence)
    }
    var status = outcome.status
    let counting = findings.filter { ignored($0.id) == nil }
    // What is ignored does not count, unless there is nothing else: then the whole check is shown as ignored.
    let deciding = counting.isEmpty ? findings : counting
    if let worst = deciding.map(\.severity).max() {
      let isExplained = counting.count < findings.count && !counting.isEmpty
      if status != .fail || worst == .error || isExplained { status = worst == .error ? .fail : .warn }
    }
    let reason =
      ignored(check.id) ?? ignored(check.stage.rawValue)
      ?? (counting.isEmpty ? findings.first.flatMap { ignored($0.id) } : nil)
    return CheckResult(
      id: check.id, stage: check.stage, claim: check.claim, status: status, message: outcome.message,
      evidence: outcome.evidence, findings: findings, requires: check.requires, duration: duration,
      ignored: [.fail, .warn].contains(status) ? reason : nil)
  }

  /// A page's cure, whose names are the page's own; one of several causes that fit gets none.
  private func example(_ page: DiagnosisPage?, _ confidence: Finding.Confidence) -> String? {
    guard confidence > .possible, let fix = page?.fix else { return nil }
    let lines = fix.split(separator: "\n", omittingEmptySubsequences: false).map { "  \($0)" }
    return "for example, with your own names:\n" + lines.joined(separator: "\n")
  }

  private func ignored(_ id: String) -> String? { request.ignored[id] }
}
