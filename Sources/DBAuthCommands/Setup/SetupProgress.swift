internal import AccessModel
internal import Provisioning
internal import Reporting
internal import Synchronization

/// Shows on stderr what setup is doing: a line that renews itself on a terminal that can, a line every few seconds
/// elsewhere.
final class SetupProgress: SetupObserver {
  private struct State {
    var began = ContinuousClock.now
    var printed = ContinuousClock.now
    var lineOpen = false
  }

  /// How often a log gets a line.
  private static let logInterval: Duration = .seconds(5)
  private let style: OutputStyle
  private let committed: CommittedChanges
  private let state = Mutex(State())

  /// - Parameter committed: counts along, for whoever ends the run.
  init(style: OutputStyle, committed: CommittedChanges) {
    self.style = style
    self.committed = committed
  }

  func receive(_ event: SetupEvent) {
    committed.receive(event)
    state.withLock { state in
      switch event {
      case .began:
        state.began = .now
        state.printed = .now
      case .progressed(let step, let done, let total):
        progressed(step, done, total, &state)
      case .waiting(let object, let blockers):
        let by = blockers.isEmpty ? "another session" : blockers.map(\.summary).joined(separator: "; ")
        line("waiting for \(object), locked by \(by)", &state)
      case .retrying(let round, let rounds, let left):
        if round > 1 { line("\(left) still locked, attempt \(round) of \(rounds)", &state) }
      case .watching(let blockers):
        line(
          "waiting for open transactions that may change memberships: "
            + blockers.map(\.summary).joined(separator: "; "), &state)
      case .interim, .committed, .settling, .settled: break
      case .interrupted:
        line("stopping: the current batch is finished, nothing is left half-done", &state)
      }
    }
  }

  /// Ends a line that was being renewed.
  func finish() {
    state.withLock { state in
      if state.lineOpen { Terminal.writeError("") }
      state.lineOpen = false
    }
  }

  private func progressed(_ step: StepID, _ done: Int, _ total: Int, _ state: inout State) {
    let now = ContinuousClock.now
    let elapsed = max((now - state.began) / .seconds(1), 0.001)
    let rate = Double(done) / elapsed
    var text = "\(step.rawValue): \(done)/\(total)"
    if total > 10, rate > 0 {
      text += ", \(Int(rate))/s"
      if done < total { text += ", \(Int((Double(total - done) / rate).rounded(.up))) s left" }
    }
    if style.controls {
      // What reaches the last column would wrap, and its first line would stay.
      Terminal.rewriteErrorLine(ShownText.line(text).prefix((style.width ?? text.count + 1) - 1))
      state.lineOpen = true
      if done == total {
        Terminal.writeError("")
        state.lineOpen = false
      }
    } else if now - state.printed >= Self.logInterval {
      Terminal.writeError(text)
      state.printed = now
    }
  }

  private func line(_ text: String, _ state: inout State) {
    if state.lineOpen { Terminal.rewriteErrorLine("") }
    Terminal.writeError(style.wrap(ShownText.line(text), indent: "  "))
    state.lineOpen = false
  }
}
