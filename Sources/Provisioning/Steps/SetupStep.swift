/// What a step makes of a snapshot.
public struct StepOutcome: Sendable {
  public var changes: [Change] = []
  public var guards: [Guard] = []
  public var missing: [MissingCapability] = []
  public var skipped: [SkippedObject] = []
  public var notes: [String] = []
  public var losses: [Loss] = []
  public var powerChanges: [PowerChange] = []
  public var foreignCode: [CatalogSnapshot.AttachedCode] = []

  public init() {}
}

/// One step of setup: a pure function from what is to what has to change.
public protocol SetupStep: Sendable {
  static var id: StepID { get }

  /// - Throws: `SetupProblem` when what was asked for cannot be done at all.
  static func outcome(of snapshot: CatalogSnapshot, for request: SetupRequest) throws -> StepOutcome
}

/// The steps in the order in which they run.
public enum SetupSteps {
  public static let all: [any SetupStep.Type] = [
    PreflightStep.self,
    IAMUserStep.self,
    OwnerRoleStep.self,
    PrivilegesStep.self,
    DefaultPrivilegesStep.self,
    OwnershipStep.self,
    RDSIAMStep.self,
  ]
}
