internal import Provisioning
internal import Synchronization

/// How many changes of a run are committed by now, step by step, as the engine reports them.
final class CommittedChanges: Sendable {
  private struct Part {
    var step: StepID
    var done = 0
    var total: Int
  }

  private struct State {
    var parts: [Part] = []
    /// Statements that are committed, and may be taken back yet.
    var settling: [String] = []
    var interim: [String] = []
  }

  private let state = Mutex(State())
  /// This run has not begun with changes of its own yet: it ends what an earlier one has left.
  private let isEarlier: Bool

  init(ofEarlierRun isEarlier: Bool = false) { self.isEarlier = isEarlier }

  func receive(_ event: SetupEvent) {
    state.withLock { state in
      func set(_ step: StepID, _ done: (Part) -> Int) {
        guard let last = state.parts.lastIndex(where: { $0.step == step }) else { return }
        state.parts[last].done = done(state.parts[last])
      }
      switch event {
      case .began(let step, let total): state.parts.append(Part(step: step, total: total))
      case .progressed(let step, let done, _): set(step) { _ in done }
      case .committed(let step): set(step, \.total)
      case .interim(let memberships): state.interim = memberships
      case .settling(let statements): state.settling = statements
      case .settled(let count):
        state.settling = []
        if let last = state.parts.last { set(last.step) { max(0, $0.done - count) } }
      default: break
      }
    }
  }

  /// For example `1206 changes are committed and stay (iam-user 6 of 6, ownership 1200 of 4997)`.
  var summary: String {
    let state = state.withLock { $0 }
    let interim = state.interim.joined(separator: ", ")
    let going =
      interim.isEmpty ? "" : "; \(interim) for as long as the move lasts: both ways, on and back, end that"
    let open =
      state.settling.isEmpty
      ? nil
      : "\(state.settling.joined(separator: "; ")) is committed, and it is not known yet whether that, together with a "
        + "GRANT of another session, locks somebody out: the same command looks again, and takes it back if so"
    return [committed(state.parts, isOpen: open != nil).map { $0 + going }, open].compactMap(\.self)
      .joined(separator: ". ")
  }

  private func committed(_ parts: [Part], isOpen: Bool) -> String? {
    let done = parts.reduce(0) { $0 + $1.done }
    guard done > 0 else {
      if isOpen { return nil }
      return isEarlier
        ? "what the earlier run has committed and setup has not taken back" : "no change is committed"
    }
    let steps = parts.map { "\($0.step.rawValue) \($0.done) of \($0.total)" }.joined(separator: ", ")
    return
      "\(done) \(done == 1 ? "change is" : "changes are") committed and \(done == 1 ? "stays" : "stay") (\(steps))"
  }
}
