internal import Dispatch
internal import Glibc
internal import Postgres
internal import Provisioning
internal import Reporting
internal import Synchronization

/// Ctrl-C, SIGTERM and SIGHUP. Before the first change they end the run and say that nothing was changed. From then on
/// the first asks for an end after the transaction at work, and a second one ends at once and says what is in force.
///
/// A reader of stdout or stderr that went away (SIGPIPE) ends nothing: writing fails, and that is said where it can be.
final class SignalInterruption: Interruption, @unchecked Sendable {
  // Unchecked: the sources are only kept alive; libdispatch looks after them.

  /// How far the run is.
  enum Stage: Sendable {
    case reading
    case changing(InForce)
  }

  /// What a run that is ended at once leaves.
  struct InForce: Sendable {
    var committed: CommittedChanges
    var sessions: [Session]
    /// What to type to go on, and what to go back.
    var goOn: String
    var goBack: String?
  }

  private struct State {
    var stage = Stage.reading
    /// How many signals have come.
    var signals = 0
  }

  private static let numbers = [SIGINT, SIGTERM, SIGHUP]
  /// How long the server may take to hear that it is over.
  private static let patience: DispatchTimeInterval = .seconds(1)
  private let state = Mutex(State())
  private var sources: [SignalSource] = []

  init() {
    signal(SIGPIPE, SIG_IGN)
    sources = Self.numbers.compactMap { number in
      SignalSource(number) { [weak self] in self?.receive(number) }
    }
  }

  var isRequested: Bool { state.withLock { $0.signals > 0 } }

  /// From now on there are changes.
  func begin(_ inForce: InForce) {
    state.withLock { $0.stage = .changing(inForce) }
  }

  /// What might have changed something has changed nothing after all.
  func takeBack() {
    state.withLock { $0.stage = .reading }
  }

  var isChanging: Bool {
    if case .changing = state.withLock({ $0.stage }) { true } else { false }
  }

  /// For a run that ended in the middle of its changes: what of them stays.
  func sayInForce() {
    guard case .changing(let inForce) = state.withLock({ $0.stage }) else { return }
    Terminal.writeError(Terminal.errorStyle.wrap("In force: \(inForce.committed.summary).", indent: "  "))
  }

  private func receive(_ number: Int32) {
    let (stage, count) = state.withLock { state in
      state.signals += 1
      return (state.stage, state.signals)
    }
    switch stage {
    case .reading:
      Terminal.writeError("\nNothing was changed.")
      Self.end(by: number)
    case .changing(let inForce):
      guard count > 1 else {
        Terminal.writeError("\nStopping after the transaction at work; Ctrl-C once more ends at once.")
        return
      }
      // The run is ending already.
      guard count == 2 else { return }
      Terminal.writeError("\nEnded at once. \(inForce.text)")
      // Without this the server would go on until it notices that nobody listens, and keep its locks.
      Task {
        for session in inForce.sessions { await session.stop() }
        Self.end(by: number)
      }
      DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) { Self.end(by: number) }
    }
  }

  /// Ends as whoever sent the signal expects: by it, so that a shell's script or loop ends, too.
  static func end(by number: Int32) {
    HiddenTyping.restore()
    signal(number, SIG_DFL)
    var own = sigset_t()
    sigemptyset(&own)
    sigaddset(&own, number)
    pthread_sigmask(SIG_UNBLOCK, &own, nil)
    raise(number)
  }
}

extension SignalInterruption.InForce {
  /// Sentences fit the terminal; a command stays on one line, so that it can be pasted.
  var text: String {
    let style = Terminal.errorStyle
    let state = style.wrap(
      """
      In force: \(committed.summary).
      The transaction at work is cancelled and rolled back by the server, or was committed as a whole if it was done; \
      the journal has it in either case.
      To go on: \(goOn)
      """, indent: "  ")
    return state + (goBack.map { "\nTo go back:\n  \($0)" } ?? "")
  }
}
