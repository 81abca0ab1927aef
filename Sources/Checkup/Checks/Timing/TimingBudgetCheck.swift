/// Every phase keeps within its budget.
struct TimingBudgetCheck: Check {
  let id = "timing-budget"
  let stage = Stage.timing
  let claim = "every phase keeps within its budget"
  let requires = ["timing-phases"]
  let after = ["timing-compare"]

  func run(_ run: CheckupRun) async -> Outcome {
    guard !run.request.budgets.isEmpty else { return .notApplicable("no --budget was given") }
    await run.record { $0.timing?.budgets = run.request.budgets }
    guard let timing = await run.evidence.timing else { return .unknown("nothing was measured") }
    let items = run.request.budgets.sorted { $0.key.rawValue < $1.key.rawValue }.map { phase, allowed in
      EvidenceItem(
        phase.rawValue, "\(timing.median(phase)?.inMilliseconds ?? "not needed") of \(allowed.inMilliseconds)"
      )
    }
    guard let worst = timing.overspent.first else { return .pass("all within", items) }
    return .fail(
      "\(worst.phase.rawValue) took \(worst.median.inMilliseconds), \(worst.allowed.inMilliseconds) were allowed",
      items)
  }
}
