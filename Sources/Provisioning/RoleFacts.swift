public import Postgres

/// A role as `pg_roles` shows it.
public struct RoleFacts: Sendable {
  public var identifier: Identifier
  public var oid: UInt32
  public var canLogin: Bool
  public var isSuperuser: Bool
  public var inherits: Bool
  /// -1: no limit.
  public var connectionLimit: Int
  /// Nil when unset or `infinity`.
  public var validUntil: String?
  /// Nil when `pg_authid` may not be read.
  public var hasPassword: Bool?
  public var canCreateRoles: Bool
  public var canCreateDatabases: Bool
  public var canReplicate: Bool
  public var bypassesRowSecurity: Bool

  public var name: String { identifier.name }

  public init(
    identifier: Identifier, oid: UInt32 = 0, canLogin: Bool = true, isSuperuser: Bool = false,
    inherits: Bool = true, connectionLimit: Int = -1, validUntil: String? = nil, hasPassword: Bool? = nil,
    canCreateRoles: Bool = false, canCreateDatabases: Bool = false, canReplicate: Bool = false,
    bypassesRowSecurity: Bool = false
  ) {
    self.identifier = identifier
    self.oid = oid
    self.canLogin = canLogin
    self.isSuperuser = isSuperuser
    self.inherits = inherits
    self.connectionLimit = connectionLimit
    self.validUntil = validUntil
    self.hasPassword = hasPassword
    self.canCreateRoles = canCreateRoles
    self.canCreateDatabases = canCreateDatabases
    self.canReplicate = canReplicate
    self.bypassesRowSecurity = bypassesRowSecurity
  }
}
