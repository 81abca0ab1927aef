internal import Dispatch
internal import Glibc
internal import Provisioning
internal import Synchronization

/// Ctrl-C, SIGTERM and SIGHUP: the first asks for an end after the current batch, a second one ends at once.
final class SignalInterruption: Interruption, @unchecked Sendable {
  // Unchecked: the sources are only kept alive; libdispatch looks after them.
  private static let numbers = [SIGINT, SIGTERM, SIGHUP]
  private let requested = Atomic(false)
  private let sources: [any DispatchSourceSignal]

  init() {
    sources = Self.numbers.map { number in
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: .global())
    }
    for source in sources {
      source.setEventHandler { [weak self] in
        guard let self else { return }
        requested.store(true, ordering: .relaxed)
        for number in Self.numbers { signal(number, SIG_DFL) }
      }
      source.resume()
    }
  }

  var isRequested: Bool { requested.load(ordering: .relaxed) }
}
