/// A change that could not be made, and why.
public struct LeftBehind: Sendable {
  public var kind: String
  public var object: String
  public var reason: String
  public var blockers: [Blocker]
  /// Another session is in the way: the same command helps as soon as that has ended.
  public var isLocked: Bool

  /// It is not what it was when the plan was made: the same command makes a new plan.
  public var isStale: Bool
  /// What was to be done.
  let change: Change

  init(
    _ change: Change, reason: String, blockers: [Blocker] = [], isLocked: Bool = false, isStale: Bool = false
  ) {
    self.change = change
    kind = change.kind
    object = change.object
    self.reason = reason
    self.blockers = blockers
    self.isLocked = isLocked
    self.isStale = isStale
  }
}

/// What came of a run.
public struct BatchOutcome: Sendable {
  public var total: Int
  public var done = 0
  public var left: [LeftBehind] = []
  public var interrupted = false
  /// What revert found changed by somebody else and left alone.
  public var notices: [String] = []

  public init(total: Int) { self.total = total }

  /// Nothing has to change before the same command can do more.
  public var helpsAgain: Bool {
    interrupted || left.isEmpty || left.contains { $0.isLocked || $0.isStale }
  }

  public var isComplete: Bool { left.isEmpty && !interrupted && done == total }

  /// Takes in what came of another part of the run.
  public mutating func add(_ other: BatchOutcome) {
    total += other.total
    done += other.done
    left += other.left
    interrupted = interrupted || other.interrupted
    notices += other.notices
  }
}
