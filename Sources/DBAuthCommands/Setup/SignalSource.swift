internal import Dispatch

/// What runs when the process gets a signal.
enum SignalSource {
  /// Far longer than libdispatch takes to begin.
  private static let patience: DispatchTimeInterval = .seconds(5)

  /// Returns when the signal is watched for. Until then it ends the process as it otherwise would; to ignore it
  /// meanwhile would lose one that comes at that moment.
  static func make(_ number: Int32, _ handler: @escaping @Sendable () -> Void) -> any DispatchSourceSignal {
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    let begun = DispatchSemaphore(value: 0)
    source.setEventHandler(handler: handler)
    source.setRegistrationHandler { begun.signal() }
    source.resume()
    _ = begun.wait(timeout: .now() + patience)
    return source
  }
}
