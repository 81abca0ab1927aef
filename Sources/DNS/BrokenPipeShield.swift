internal import Glibc

/// Runs C code that writes to sockets without MSG_NOSIGNAL, as c-ares does over TCP: a peer that has gone must not end
/// the process by SIGPIPE.
enum BrokenPipeShield {
  /// Holds the signal back on this thread, and takes it away if `body` caused it. One that was pending before stays.
  static func run(_ body: () -> Void) {
    var (pipe, before, pending) = (sigset_t(), sigset_t(), sigset_t())
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    sigpending(&pending)
    let wasPending = sigismember(&pending, SIGPIPE) == 1
    pthread_sigmask(SIG_BLOCK, &pipe, &before)
    body()
    if !wasPending {
      var atOnce = timespec()
      while sigtimedwait(&pipe, nil, &atOnce) == -1, errno == EINTR {}
    }
    pthread_sigmask(SIG_SETMASK, &before, nil)
  }
}
