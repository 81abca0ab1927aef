internal import Provisioning
internal import Synchronization

/// How many changes of a run are committed by now, step by step, as the engine reports them.
final class CommittedChanges: Sendable {
  private struct Part {
    var step: StepID
    var done = 0
    var total: Int
  }

  private let parts = Mutex([Part]())
  private let interim = Mutex([String]())

  func receive(_ event: SetupEvent) {
    parts.withLock { parts in
      switch event {
      case .began(let step, let total):
        parts.append(Part(step: step, total: total))
      case .progressed(let step, let done, _):
        guard let last = parts.lastIndex(where: { $0.step == step }) else { return }
        parts[last].done = done
      case .interim(let memberships): interim.withLock { $0 = memberships }
      default: break
      }
    }
  }

  /// For example `1206 changes are committed and stay (iam-user 6 of 6, ownership 1200 of 4997)`.
  var summary: String {
    let parts = parts.withLock { $0 }
    let done = parts.reduce(0) { $0 + $1.done }
    let interim = interim.withLock { $0 }
    let going =
      interim.isEmpty
      ? ""
      : "; \(interim.joined(separator: ", ")) for as long as the move lasts: both ways, on and back, end that"
    guard done > 0 else { return "no change is committed\(going)" }
    let steps = parts.map { "\($0.step.rawValue) \($0.done) of \($0.total)" }.joined(separator: ", ")
    return
      "\(done) \(done == 1 ? "change is" : "changes are") committed and \(done == 1 ? "stays" : "stay") (\(steps))\(going)"
  }
}
