internal import Glibc
internal import Synchronization

/// A call of a library's that takes as long as it likes, and a wait for it that does not.
///
/// A name lookup or a server's two thousand million SCRAM iterations cannot be interrupted. The call has a thread of its
/// own, so that nobody else's work waits behind it; when the time is up, it is left alone there, with what it uses.
package enum UnboundedCall {
  /// The call's result, or nil when the deadline came first.
  package static func run<R: Sendable>(
    until deadline: ContinuousClock.Instant, _ call: @escaping @Sendable () -> R
  ) async -> R? {
    let outcome = Outcome<R>()
    return await withCheckedContinuation { continuation in
      outcome.wait(continuation, until: deadline)
      let work = Unmanaged.passRetained(Work { outcome.settle(call()) })
      var thread = pthread_t()
      let status = pthread_create(
        &thread, nil,
        { context in
          guard let context else { return nil }
          Unmanaged<Work>.fromOpaque(context).takeRetainedValue().body()
          return nil
        }, work.toOpaque())
      if status == 0 {
        pthread_detach(thread)
      } else {
        work.takeRetainedValue().body()
      }
    }
  }

  private final class Work: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Settled once, by the call or by the deadline.
  private final class Outcome<R: Sendable>: Sendable {
    private struct Waiting {
      var continuation: CheckedContinuation<R?, Never>
      var timer: Task<Void, Never>
    }

    private let waiting = Mutex<Waiting?>(nil)

    func wait(_ continuation: CheckedContinuation<R?, Never>, until deadline: ContinuousClock.Instant) {
      waiting.withLock { waiting in
        let timer = Task { [self] in
          guard (try? await Task.sleep(until: deadline, clock: .continuous)) != nil else { return }
          settle(nil)
        }
        waiting = Waiting(continuation: continuation, timer: timer)
      }
    }

    func settle(_ result: R?) {
      let ended = waiting.withLock { waiting in
        defer { waiting = nil }
        return waiting
      }
      guard let ended else { return }
      ended.timer.cancel()
      if result == nil { leaveWithoutCleaning() }
      ended.continuation.resume(returning: result)
    }
  }

  /// What libraries clean up at the end of the process must not go from under a call that still runs.
  ///
  /// Handlers run in the reverse of the order in which they were registered, so this one before those of libraries.
  private static func leaveWithoutCleaning() {
    on_exit(
      { status, _ in
        fflush(nil)
        _exit(status)
      }, nil)
  }
}
