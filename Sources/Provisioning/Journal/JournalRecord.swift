/// One line of a journal.
struct JournalRecord: Codable, Sendable {
  /// A run of apply begins.
  struct Begin: Codable, Sendable {
    var schemaVersion = 1
    var tool: String
    var host: String
    var port: Int
    var systemIdentifier: String?
    var database: String
    var databaseOID: UInt32
    var iamUser: String
    var rdsIAMRole: String
    /// Login roles that were members of `rdsIAMRole` before anything was done.
    var iamMembersBefore: [String]
    /// Every role of the cluster by its OID: what follows names roles, and names can change.
    var roles: [String: UInt32]?
    /// What the new owner owns in this database before: OIDs by catalog. Nil when an older version wrote it.
    var owned: [String: [UInt32]]?
    /// What tables and views of this database called before. Nil when an older version wrote it.
    var called: CalledCode?
  }

  /// What a transaction is about to change, written and synced before its COMMIT.
  struct Batch: Codable, Sendable {
    var database: String
    /// `txid_current()`: tells afterwards whether the COMMIT was reached.
    var transaction: String
    var changes: [JournaledChange]
    /// True: memberships in it have to be watched after COMMIT. A later batch of the same transaction says false when
    /// that has been done.
    var watched: Bool?
  }

  /// Everything before this line has been undone.
  struct Reverted: Codable, Sendable {
    var database: String
    /// What could not be undone yet, because somebody else uses a role by now.
    var kept: [JournaledChange]?
  }

  var begin: Begin?
  var batch: Batch?
  var reverted: Reverted?
}

/// One change with what is needed to undo it.
struct JournaledChange: Codable, Sendable {
  enum Undo: String, Codable, Sendable {
    case dropRole = "drop-role"
    case revokeRole = "revoke-role"
    case loginRole = "login-role"
    case owner
    case access
    case defaultPrivilege = "default-privilege"
    /// An interim membership has ended: there is nothing to undo.
    case ended
  }

  var undo: Undo
  /// For people.
  var object: String
  var catalog: OwnedCatalog?
  var oid: UInt32?
  var from: String?
  var to: String?
  var role: String?
  /// The role's OID, so that another role of the same name is never taken for it.
  var roleOID: UInt32?
  var member: String?
  /// The member's rows in `pg_auth_members` for this role.
  var memberships: [MembershipRow]?
  /// Of the role, the member and what they are members of: who owned something in which databases before.
  var owners: [String: [UInt32]]?
  /// True: the membership lasts until the move, or its undoing, has come to its end.
  var interim: Bool?
  /// A checksum of what the object did with its owner's privileges; nil: nothing.
  var definition: String?
  /// Nil when everything was at its default.
  var access: FormerAccess?
  /// What was granted to `to`; nil: everything that the kind of object has, and CONNECT on a database.
  var privileges: String?
  var privilege: JournaledPrivilege?
}

/// Access privileges as they were, in the text form of `aclitem[]`; nil is the default of the kind.
struct FormerAccess: Codable, Sendable, Equatable {
  var acl: String?
  /// Column name to privileges, for the columns that have any.
  var columns: [String: String]?
  /// Sequences that follow the table, by OID, for those that have any.
  var sequences: [String: String]?
}

/// A default privilege that setup granted, or several with commas.
struct JournaledPrivilege: Codable, Sendable {
  var owner: String
  var schema: String?
  var objects: String
  var privilege: String
  var grantee: String?
  var grantable: Bool
  /// Setup took it away rather than gave it.
  var revoked: Bool?
  /// The owner's objects of that kind and place on which the grantee had something from it already.
  var existing: [UInt32]?
}
