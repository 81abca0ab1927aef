/// What the server and this login are, read before anything is planned.
public struct ServerFacts: Sendable {
  /// `server_version_num`.
  public var version = 0
  public var versionText = ""
  public var user = ""
  public var database = ""
  public var databaseOID: UInt32 = 0
  public var databaseOwner = ""
  /// Distinguishes clusters; nil where `pg_control_system()` may not be called.
  public var systemIdentifier: String?
  public var isSuperuser = false
  public var canCreateRoles = false
  public var canCreateInDatabase = false
  public var isRDSSuperuser = false
  /// There is a role `rds_superuser`, and nobody is a superuser but the provider.
  public var isManaged = false
  public var canReadPasswords = false
  public var inRecovery = false
  /// `max_locks_per_transaction × (max_connections + max_prepared_transactions)`:
  /// https://www.postgresql.org/docs/current/runtime-config-locks.html
  public var lockCapacity = 0
  public var locksHeld = 0
  /// `deadlock_timeout`: how long a session waits for a lock before it looks for a deadlock.
  public var deadlockTimeout: Duration = .seconds(1)

  public init() {}

  /// The version in `server_version`, whose text may go on with a distributor's words: `15.18 (Debian 15.18-1)`. It has
  /// the characters that versions have, `18beta2`, and few of them; anything else is none.
  static func version(in text: String) -> String? {
    let word = text.prefix { $0 != " " }
    let isVersion =
      word.first?.isNumber == true && word.utf8.count <= longestVersion
      && word.utf8.allSatisfy { byte in
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
          || byte == UInt8(ascii: ".")
      }
    return isVersion ? String(word) : nil
  }

  /// `9.6.24` and `18beta2` are among the longest.
  private static let longestVersion = 12

  /// Membership options (ADMIN, INHERIT, SET) exist from PostgreSQL 16 on.
  public var hasMembershipOptions: Bool { version >= 160_000 }

  /// Who has what an owner owns: `pg_database_owner` stands for whoever owns the database.
  /// https://www.postgresql.org/docs/current/predefined-roles.html
  func role(behind owner: String) -> String { owner == "pg_database_owner" ? databaseOwner : owner }

  /// For example `PostgreSQL 15.18, RDS-like, not a superuser`.
  public var summary: String {
    let kind = isRDSSuperuser ? "member of rds_superuser" : isSuperuser ? "superuser" : "not a superuser"
    return "PostgreSQL \(versionText), \(kind)"
  }
}
