/// What the operator asked `setup` for.
public struct SetupRequest: Sendable {
  /// Who owns the objects afterwards.
  public enum Mode: Sendable, Equatable {
    /// A NOLOGIN role owns everything and the IAM user is its member. `name` nil: `<database>_owner`.
    case ownerRole(name: String?, mayCreate: Bool)
    /// The IAM user owns everything itself.
    case direct
  }

  public enum Schemas: Sendable, Equatable {
    case named([String])
    case all
  }

  public var iamUser: String
  public var mode: Mode = .ownerRole(name: nil, mayCreate: true)
  public var schemas: Schemas = .named(["public"])
  /// Roles that go on working through the move and after it.
  public var keepAccess: [String] = []
  /// Kinds of objects that are moved on request only.
  public var included: Set<ObjectKind> = []
  /// The role whose members the server authenticates by IAM.
  public var rdsIAMRole = "rds_iam"
  /// The longest that anybody else may be kept waiting for a lock.
  public var lockTimeout: Duration = .seconds(2)
  /// Locks one transaction may take; nil: two fifths of what the server has left.
  public var batchLocks: Int?
  /// The operator knows that a password the existing IAM user may have stops working.
  public var adoptIAMUser = false
  /// The same IAM user, and an owner role that is named, get what other databases have, too.
  public var spansDatabases = false

  public init(iamUser: String) {
    self.iamUser = iamUser
  }

  /// The role that owns the objects of this database afterwards.
  public func newOwner(database: String) -> String {
    switch mode {
    case .direct: iamUser
    case .ownerRole(let name, _): name ?? Self.defaultOwner(database: database)
    }
  }

  /// Who owns the objects of a database when nobody says another name.
  static func defaultOwner(database: String) -> String { "\(database)_owner" }
}
