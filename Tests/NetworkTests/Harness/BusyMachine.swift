/// How late this machine is at the moment: a wait of two seconds that depends on nothing but the machine.
///
/// Deadlines are compared with it, so that a test says something about the code however busy the machine is.
enum BusyMachine {
  static let deadline = Duration.seconds(2)

  /// How long a sleep until the deadline really lasts.
  static func wait() async -> Duration {
    let started = ContinuousClock.now
    try? await Task.sleep(until: started + deadline, clock: .continuous)
    return ContinuousClock.now - started
  }

  /// The longest that a wait for the same deadline may take beside it: a tenth more.
  static func bound(_ measured: Duration) -> Duration { measured * 11 / 10 }
}
