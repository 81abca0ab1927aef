public import Postgres

/// Everything the steps look at, read from one database in one go. A value: steps do no I/O.
public struct CatalogSnapshot: Sendable {
  public struct Schema: Sendable {
    public var identifier: Identifier
    public var owner: String
    /// The new owner may create objects in it without owning it.
    public var newOwnerMayCreate: Bool
    public var newOwnerMayUse: Bool
    /// Somebody who may let others create in it, though it is not theirs.
    public var createGrantor: String?
  }

  /// An access entry that a role would need explicitly after the move.
  public struct MissingAccess: Sendable {
    public var object: ObjectFacts
    public var role: String
  }

  /// Objects of one kind that stay with their owner.
  public struct Reported: Sendable {
    public var kind: String
    public var count: Int
    public var reason: String
    /// `--include` would move them.
    public var onRequest: Bool
  }

  /// A row of `pg_default_acl`: one privilege of one grantee, or in a plan several.
  public struct DefaultPrivilege: Sendable, Hashable {
    public var owner: String
    public var schema: Identifier?
    /// `TABLES`, `SEQUENCES`, `FUNCTIONS`, `TYPES` or `SCHEMAS`.
    public var objects: String
    /// PostgreSQL's word for it; a plan has several in one, with commas.
    public var privilege: String
    /// Nil is PUBLIC.
    public var grantee: Identifier?
    public var grantable: Bool
    /// The default takes away what objects of this kind otherwise have.
    public var revoked = false
  }

  /// A function that runs, as whoever uses a relation, without being called by name.
  public struct AttachedCode: Sendable {
    public var relation: String
    public var relationOwner: String
    public var routine: String
    public var codeOwner: String
    /// `trigger`, `default`, `policy`, `constraint`, `rule`.
    public var attachments: String
  }

  public var server: ServerFacts
  public var iamUser: Identifier
  public var newOwner: Identifier
  public var rdsIAM: Identifier
  public var operatorRole: Identifier
  public var databaseIdentifier: Identifier
  public var roles: [String: RoleFacts] = [:]
  public var graph = MembershipGraph()
  public var schemas: [Schema] = []
  /// Objects whose owner is not the new owner, in the order of their catalogs and OIDs.
  public var objects: [ObjectFacts] = []
  /// How many objects belong to extensions, and stay.
  public var extensionObjects = 0
  /// Objects of kinds that nobody asked for, or that setup only reports.
  public var reported: [Reported] = []
  public var missingAccess: [MissingAccess] = []
  public var defaultPrivileges: [DefaultPrivilege] = []
  /// `PUBLIC`, the IAM user or the new owner has CONNECT.
  public var iamUserMayConnect = false
  /// PUBLIC has it, so that nobody depends on owning the database.
  public var publicMayConnect = true
  /// Roles that have the new owner's privileges and can become it: a membership alone may give neither.
  public var actAsNewOwner: Set<String> = []
  /// What is around the objects that move.
  public var surroundings = Surroundings()
  /// Objects that would change hands and act with their owner's privileges.
  public var ownerRights: [OwnerRights] = []
  /// Those that earlier runs made the new owner's; their owner is whose they were.
  public var takenRights: [OwnerRights] = []
  public var attachedCode: [AttachedCode] = []
  /// Owners for whom it is no gain that their objects act as the new owner.
  public var ownersInReach: Set<String> = []
  /// Former owners for whom nothing is new in what the new owner may do after this run.
  public var formerOwnersInReach: Set<String> = []
  /// Who may work on everything while it moves.
  public var interim = InterimFacts()
  /// The IAM user's `role` setting in this database.
  public var iamUserRoleSetting: String?

  public init(
    server: ServerFacts, iamUser: Identifier, newOwner: Identifier, rdsIAM: Identifier,
    operatorRole: Identifier,
    databaseIdentifier: Identifier
  ) {
    self.server = server
    self.iamUser = iamUser
    self.newOwner = newOwner
    self.rdsIAM = rdsIAM
    self.operatorRole = operatorRole
    self.databaseIdentifier = databaseIdentifier
  }

  /// Roles that can log in and that `+rds_iam` would match.
  public func loginMembers(of role: String) -> Set<String> {
    graph.allMembers(of: role).filter { roles[$0]?.canLogin == true && roles[$0]?.isSuperuser == false }
  }
}
