internal import Dispatch

/// What runs when the process gets a signal.
enum SignalSource {
  /// Returns when the signal is watched for. Until then it ends the process as it otherwise would; to ignore it
  /// meanwhile would lose one that comes at that moment.
  static func make(_ number: Int32, _ handler: @escaping @Sendable () -> Void) async
    -> any DispatchSourceSignal
  {
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler(handler: handler)
    await withCheckedContinuation { begun in
      source.setRegistrationHandler { begun.resume() }
      source.resume()
    }
    return source
  }
}
