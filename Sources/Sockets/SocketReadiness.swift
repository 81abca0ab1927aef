internal import CEpoll
internal import Dispatch
internal import Glibc

/// Waits, without holding a thread, until a socket can be read or written.
public enum SocketReadiness {
  public enum Direction: Sendable { case read, write }

  private static let queue = DispatchQueue(label: "dbauth.socket-readiness")

  /// True when the socket is ready, false when the deadline came first: also when it is ready then, since a peer that
  /// never stops sending is always ready.
  public static func wait(
    _ descriptor: Int32, _ direction: Direction, until deadline: ContinuousClock.Instant?
  ) async -> Bool {
    let remaining = deadline.map { $0 - ContinuousClock.now }
    if let remaining, remaining <= .zero { return false }
    if isReady(descriptor, direction) { return true }
    return await withCheckedContinuation { continuation in
      queue.async {
        Wait(descriptor, direction, remaining, continuation).start()
      }
    }
  }

  private static func isReady(_ descriptor: Int32, _ direction: Direction) -> Bool {
    var poll = pollfd(fd: descriptor, events: Int16(direction == .read ? POLLIN : POLLOUT), revents: 0)
    return Glibc.poll(&poll, 1, 0) > 0
  }

  /// One wait: a socket source and, with a deadline, a timer; whichever fires first ends both. The
  /// continuation resumes from the socket source's cancellation handler, after which libdispatch no longer
  /// looks at the descriptor and its owner may close it.
  ///
  /// The source watches an epoll instance that watches the socket. Directly on a socket, libdispatch drops an event
  /// that is an error and nothing else, such as the answer that nobody listens on a UDP port.
  private final class Wait: @unchecked Sendable {
    // Unchecked: touched on `queue` only.
    private let epoll: Int32
    private let source: any DispatchSourceProtocol
    private let timer: (any DispatchSourceTimer)?
    private let continuation: CheckedContinuation<Bool, Never>
    private var ready = false

    init(
      _ descriptor: Int32, _ direction: Direction, _ remaining: Duration?,
      _ continuation: CheckedContinuation<Bool, Never>
    ) {
      epoll = dbauth_epoll_watching(descriptor, direction == .write ? 1 : 0)
      if epoll >= 0 {
        source = DispatchSource.makeReadSource(fileDescriptor: epoll, queue: queue)
      } else {
        // No descriptor is free: errors alone then wait for the deadline.
        source =
          direction == .read
          ? DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: queue)
          : DispatchSource.makeWriteSource(fileDescriptor: descriptor, queue: queue)
      }
      self.continuation = continuation
      timer = remaining.map { remaining in
        let timer = DispatchSource.makeTimerSource(queue: queue)
        let (seconds, attoseconds) = remaining.components
        timer.schedule(
          deadline: .now() + .seconds(Int(seconds)) + .nanoseconds(Int(attoseconds / 1_000_000_000)),
          leeway: .milliseconds(1))
        return timer
      }
    }

    func start() {
      source.setEventHandler { [self] in
        ready = true
        end()
      }
      source.setCancelHandler { [self] in
        if epoll >= 0 { close(epoll) }
        continuation.resume(returning: ready)
      }
      timer?.setEventHandler { [self] in end() }
      source.resume()
      timer?.resume()
    }

    private func end() {
      timer?.cancel()
      source.cancel()
    }
  }
}
