internal import CSignals
internal import Dispatch
internal import Glibc

/// What runs when the process gets a signal.
///
/// Not libdispatch's own source for signals, which begins to watch some time after it was asked to: until then a signal
/// ends the process.
final class SignalSource {
  private let number: Int32
  private let source: any DispatchSourceRead

  /// Watches from here on; nil where whoever started the process has it ignore the signal, as `nohup` does.
  init?(_ number: Int32, _ handler: @escaping @Sendable () -> Void) {
    guard !Self.does(SIG_IGN, number) else { return nil }
    let counter = dbauth_count_signal(number)
    guard counter >= 0 else { return nil }
    self.number = number
    source = DispatchSource.makeReadSource(fileDescriptor: counter, queue: .global())
    source.setEventHandler {
      var count: UInt64 = 0
      guard read(counter, &count, MemoryLayout.size(ofValue: count)) > 0 else { return }
      for _ in 0..<count { handler() }
    }
    source.resume()
  }

  deinit { source.cancel() }

  /// The signal ends the process again.
  func cancel() {
    signal(number, SIG_DFL)
    source.cancel()
  }

  /// Whether the process does this on a signal: `SIG_DFL` or `SIG_IGN`.
  static func does(_ action: sighandler_t?, _ number: Int32) -> Bool {
    var current = sigaction()
    return sigaction(number, nil, &current) == 0
      && unsafeBitCast(current.__sigaction_handler.sa_handler, to: Int.self)
        == unsafeBitCast(action, to: Int.self)
  }
}
