/// A step of setup, by the name shown in plans.
public enum StepID: String, Sendable, Codable, CaseIterable {
  case preflight
  case iamUser = "iam-user"
  case ownerRole = "owner-role"
  case privileges
  case defaultPrivileges = "default-privileges"
  case ownership
  case rdsIAM = "rds-iam"
}

/// One planned change: what apply will do, and nothing else.
public struct Change: Sendable {
  public enum Sign: String, Sendable {
    case add = "+"
    case change = "~"
    case remove = "-"
  }

  public var step: StepID
  public var sign: Sign
  /// `role`, `member`, `setting`, `access`, or the kind of the object.
  public var kind: String
  public var object: String
  public var from: String?
  public var to: String?
  public var action: Action
  /// Nil when the change concerns the whole cluster.
  public var database: String?
  public var reversible = true
  /// It begins or ends an interim membership.
  var interim: InterimMembership.Phase?
  /// Privileges to bring back with it; revert alone has them.
  var wayBack: WayBack?

  public init(
    step: StepID, sign: Sign, kind: String, object: String, from: String? = nil, to: String? = nil,
    action: Action,
    database: String? = nil
  ) {
    self.step = step
    self.sign = sign
    self.kind = kind
    self.object = object
    self.from = from
    self.to = to
    self.action = action
    self.database = database
  }

  public var sql: String { action.sql }

  /// Locks that running it takes.
  public var locks: Int {
    switch action {
    case .alterOwner(let object, _): object.locks
    default: 1
    }
  }
}
