/// An object that acts with its owner's privileges whoever uses it, as the catalog shows it.
///
/// A change of owner changes what it may do: https://www.postgresql.org/docs/current/rules-privileges.html
public struct OwnerRights: Sendable {
  /// How it acts for its owner.
  public enum Means: String, Sendable, Codable {
    /// A view or a rule: exactly the relations that it names are used.
    case query
    /// A function or procedure that is SECURITY DEFINER.
    case securityDefiner = "security-definer"
    /// A materialized view whose query calls functions: REFRESH runs them as the owner.
    case refresh
    /// Indexes or statistics that call functions: ANALYZE and REINDEX run them as the table's owner.
    case maintenance
    /// Foreign keys whose actions, such as CASCADE, call functions on this table: they run them as its owner.
    case foreignKey = "foreign-key"
  }

  /// A relation that a view or a rule uses.
  public struct Use: Sendable {
    public var oid: UInt32
    /// For people.
    public var relation: String
    public var relationOwner: String
    /// What the new owner could do there through it and the old owner cannot, such as `SELECT`.
    public var beyondOwner: [String] = []
    /// What the new owner would need there and has not got.
    public var beyondNewOwner: [String] = []
  }

  /// A view, table or type that it leads to, whose owner can put code there.
  struct Source: Sendable {
    var object: ObjectKey
    var owner: String
    /// It changes hands as well.
    var moves = false
  }

  public var object: ObjectFacts
  public var means: Means
  /// Of a query; code may use everything that its owner may.
  public var uses: [Use] = []
  /// Who else may use it; nil is PUBLIC.
  public var users: [String?] = []
  /// It runs without anybody having to be allowed to: triggers, maintenance, actions of foreign keys.
  public var runsByItself = false
  /// It runs functions already.
  var runsCode = true
  /// Where others can put code for it to run.
  var sources: [Source] = []

  public init(object: ObjectFacts, means: Means, uses: [Use] = [], users: [String?] = []) {
    self.object = object
    self.means = means
    self.uses = uses
    self.users = users
  }

  /// Somebody besides its owner can make it act.
  var isWithinReach: Bool { runsByItself || !users.isEmpty }
}

/// An owner-rights object whose power a change of owner would change, and who would gain by it.
public struct PowerChange: Sendable {
  public var kind: String
  public var object: String
  public var oldOwner: String
  public var newOwner: String
  public var means: OwnerRights.Means
  /// What can be done through it that could not be done before, for example `SELECT on public.secrets`.
  public var gains: [String]
  /// Who can do it; `PUBLIC` is everybody.
  public var gainers: [String]
  /// False: it is left where it is.
  public var moves: Bool
  /// An earlier run moved it, and this one would change what it may do.
  public var wasMoved = false
}
