public import Postgres

/// One thing that setup does to a database, as a value that knows its SQL.
public enum Action: Sendable {
  case createRole(Identifier, login: Bool)
  /// `explicitOptions`: PostgreSQL 16+ records INHERIT and SET with each membership.
  case grantRole(role: Identifier, member: Identifier, explicitOptions: Bool)
  /// What the member becomes when it logs in to the database.
  case setLoginRole(member: Identifier, database: Identifier, role: Identifier, previous: String?)
  case alterOwner(ObjectFacts, to: Identifier)
  /// `privileges` is `ALL` or a list of PostgreSQL's privilege words.
  case grant(privileges: String, on: ObjectFacts, to: Identifier)
  case grantByDefault(CatalogSnapshot.DefaultPrivilege, owner: Identifier)
  case dropRole(Identifier)
  /// A membership becomes what it was; nil: it goes.
  case restoreMembership(MembershipRow, to: MembershipRow?, role: Identifier, member: Identifier)
  case resetLoginRole(member: Identifier, database: Identifier, to: Identifier?)
  /// Brings an object's privileges back to what they were; the statements depend on what they are by then.
  case restoreAccess(ObjectFacts)
  case revokeByDefault(CatalogSnapshot.DefaultPrivilege, owner: Identifier)

  /// The statement that apply runs.
  public var sql: String {
    switch self {
    case .createRole(let role, let login):
      return "CREATE ROLE \(role.quoted) \(login ? "LOGIN" : "NOLOGIN")"
    case .grantRole(let role, let member, let explicitOptions):
      return "GRANT \(role.quoted) TO \(member.quoted)"
        + (explicitOptions ? " WITH INHERIT TRUE, SET TRUE" : "")
    case .setLoginRole(let member, let database, let role, _):
      return "ALTER ROLE \(member.quoted) IN DATABASE \(database.quoted) SET role = \(role.quoted)"
    case .alterOwner(let object, let owner):
      return "ALTER \(object.kind.keyword) \(object.sql) OWNER TO \(owner.quoted)"
    case .grant(let privileges, let object, let role):
      return "GRANT \(privileges) ON \(object.grantClause) TO \(role.quoted)"
    case .grantByDefault(let privilege, let owner) where privilege.revoked:
      return Action.revokeByDefault(privilege, owner: owner).sql
    case .grantByDefault(let privilege, let owner):
      return Self.defaults(privilege, owner)
        + "GRANT \(privilege.privilege) ON \(privilege.objects) TO \(privilege.grantee?.quoted ?? "PUBLIC")"
        + (privilege.grantable ? " WITH GRANT OPTION" : "")
    case .revokeByDefault(let privilege, let owner):
      return Self.defaults(privilege, owner)
        + "REVOKE \(privilege.privilege) ON \(privilege.objects) FROM \(privilege.grantee?.quoted ?? "PUBLIC")"
    case .dropRole(let role):
      return "DROP ROLE \(role.quoted)"
    case .restoreMembership(let row, let former, let role, let member):
      return row.undo(former, role, member) ?? "REVOKE \(role.quoted) FROM \(member.quoted)"
    case .resetLoginRole(let member, let database, let role):
      return "ALTER ROLE \(member.quoted) IN DATABASE \(database.quoted) "
        + (role.map { "SET role = \($0.quoted)" } ?? "RESET role")
    case .restoreAccess(let object):
      return "-- privileges of \(object.kind.rawValue) \(object.display) as they were"
    }
  }

  private static func defaults(_ privilege: CatalogSnapshot.DefaultPrivilege, _ owner: Identifier) -> String {
    let schema = privilege.schema.map { "IN SCHEMA \($0.quoted) " } ?? ""
    return "ALTER DEFAULT PRIVILEGES FOR ROLE \(owner.quoted) \(schema)"
  }

  /// The object whose owner or privileges change, if it is one.
  public var target: ObjectFacts? {
    switch self {
    case .alterOwner(let object, _), .grant(_, let object, _), .restoreAccess(let object): object
    default: nil
    }
  }
}
