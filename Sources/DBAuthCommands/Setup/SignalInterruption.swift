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
    var requested = false
  }

  private static let numbers = [SIGINT, SIGTERM, SIGHUP]
  private let state = Mutex(State())
  private var sources: [any DispatchSourceSignal] = []

  init() {
    signal(SIGPIPE, SIG_IGN)
    sources = Self.numbers.map { number in SignalSource.make(number) { [weak self] in self?.receive(number) }
    }
  }

  var isRequested: Bool { state.withLock { $0.requested } }

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
    let (stage, isSecond) = state.withLock { state in
      defer { state.requested = true }
      return (state.stage, state.requested)
    }
    switch stage {
    case .reading:
      Terminal.writeError("\nNothing was changed.")
      Self.end(by: number)
    case .changing(let inForce):
      guard isSecond else {
        Terminal.writeError("\nStopping after the transaction at work; Ctrl-C once more ends at once.")
        return
      }
      Terminal.writeError("\nEnded at once. \(inForce.text)")
      inForce.stop()
      Self.end(by: number)
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
  /// How long the server may take to hear that it is over.
  private static let patience: DispatchTimeInterval = .seconds(1)

  /// Without this the server would go on until it notices that nobody listens, and keep its locks.
  func stop() {
    let told = DispatchSemaphore(value: 0)
    Task {
      for session in sessions { await session.stop() }
      told.signal()
    }
    _ = told.wait(timeout: .now() + Self.patience)
  }

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
