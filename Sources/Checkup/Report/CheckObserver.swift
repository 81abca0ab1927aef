/// What a run tells while it goes on.
public enum CheckEvent: Sendable {
  case started(id: String, stage: Stage, claim: String)
  case finished(CheckResult)
}

/// Somebody who hears of a run's progress: the engine itself never prints.
public protocol CheckObserver: Sendable {
  func receive(_ event: CheckEvent) async
}
