internal import Postgres

/// Something that a role, or an object, can do before the move and not after it.
public struct Loss: Sendable, Equatable {
  /// What kind of loss, for programs.
  public enum Kind: String, Sendable, Codable {
    case ownership, team, index, refresh, inheritance, schema, outside, code, mapping, children, subscription
    case publication, replication, tablespace, defaults, meanwhile
    case rowSecurity = "row-security"
    case searchPath = "search-path"
  }

  public var kind: Kind
  /// Who loses it.
  public var role: String
  public var message: String
  /// What keeps it.
  public var fix: String?
  /// The objects that it is about, for people.
  public var objects: [String]

  init(_ kind: Kind, _ role: String, _ message: String, fix: String? = nil, objects: [String] = []) {
    self.kind = kind
    self.role = role
    self.message = message
    self.fix = fix
    self.objects = objects
  }

  /// What a role creates after the move is closed to the new owner.
  init(newObjectsOf role: Identifier, _ snapshot: CatalogSnapshot) {
    let owner = snapshot.newOwner
    self.init(
      .defaults, owner.name,
      "tables that \(role.display) creates after the move are closed to \(owner.display), unless \(role.display) creates "
        + "them after SET ROLE or lets it in",
      fix: "As \(role.display): "
        + ["TABLES", "SEQUENCES"].map { "ALTER DEFAULT PRIVILEGES GRANT ALL ON \($0) TO \(owner.quoted)" }
        .joined(separator: "; "))
  }

  /// One line.
  public var text: String { message + (fix.map { ". \($0)" } ?? "") }

  /// The first names of a list, and how many more there are.
  static func names(_ objects: [String], atMost count: Int = 3) -> String {
    let shown = objects.prefix(count).joined(separator: ", ")
    return objects.count > count ? "\(shown) and \(objects.count - count) more" : shown
  }
}

/// What is around the objects that move, as far as somebody could lose by it.
public struct Surroundings: Sendable {
  /// A view, rule or function of a role, and what it uses.
  struct Use: Sendable {
    var object: String
    var role: String
    var uses: String
    var usedOwner: String
  }

  struct Subscription: Sendable {
    var name: String
    var owner: String
    /// With its owner's privileges, and not as the owner of each table.
    var writesAsItself: Bool
  }

  /// Login roles that could act as an owner.
  var teams: [String: [String]] = [:]
  /// Tables whose owner is above their row security.
  var guarded: [(table: String, owner: String)] = []
  /// Policies of tables whose owner is not above them.
  var policies: [Policy] = []
  /// What is found without a schema by who can log in.
  var searchPaths: [String: SearchPath] = [:]
  /// Views and rules elsewhere that use what moves as its owner.
  var outsideQueries: [Use] = []
  /// SECURITY DEFINER functions elsewhere, by owner.
  var outsideCode: [String: [String]] = [:]
  /// Relations elsewhere that an owner may use, and the new owner may not.
  var outsideHoldings: [String: [String]] = [:]
  /// Foreign servers of moved tables, with the roles that have user mappings; nil is PUBLIC.
  var mappings: [String: [String?]] = [:]
  /// Partitions and children that are in other schemas than their parents.
  var children: [(child: String, childOwner: String, parent: String, movesChild: Bool)] = []
  var subscriptions: [Subscription] = []
  var publications: [(name: String, owner: String)] = []
  /// Tablespaces in which an old owner may create and the new owner may not.
  var tablespaces: [(name: String, owner: String)] = []

  public init() {}
}
