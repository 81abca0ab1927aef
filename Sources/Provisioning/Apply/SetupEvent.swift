/// What setup is doing right now. The engine never prints; observers do.
public enum SetupEvent: Sendable {
  case began(step: StepID, total: Int)
  case progressed(step: StepID, done: Int, total: Int)
  case waiting(object: String, blockers: [Blocker])
  case retrying(round: Int, of: Int, left: Int)
  /// All changes of a step are committed, and what came of them is still looked at.
  case committed(step: StepID)
  /// These statements are committed, and whether they lock somebody out is not known yet.
  case settling(statements: [String])
  /// It is known, and so many of the changes were taken back.
  case settled(takenBack: Int)
  /// Memberships have been committed, and these transactions that were open meanwhile may add others to them.
  case watching(blockers: [Blocker])
  case interrupted
  /// These interim memberships are in force from now on, and no others.
  case interim([String])
}

/// Receives events, one at a time.
public protocol SetupObserver: Sendable {
  func receive(_ event: SetupEvent)
}

/// A request to stop after the current batch.
public protocol Interruption: Sendable {
  var isRequested: Bool { get }
}
