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

  /// The statement that apply runs.
  public var sql: String {
    switch self {
    case .createRole(let role, let login):
      return "CREATE ROLE \(role.quoted) \(login ? "LOGIN" : "NOLOGIN")"
    case .grantRole(let role, let member, let explicitOptions):
      return "GRANT \(role.quoted) TO \(member.quoted)" + (explicitOptions ? " WITH INHERIT TRUE, SET TRUE" : "")
    case .setLoginRole(let member, let database, let role, _):
      return "ALTER ROLE \(member.quoted) IN DATABASE \(database.quoted) SET role = \(role.quoted)"
    case .alterOwner(let object, let owner):
      return "ALTER \(object.kind.keyword) \(object.sql) OWNER TO \(owner.quoted)"
    case .grant(let privileges, let object, let role):
      return "GRANT \(privileges) ON \(object.kind.grantKeyword ?? object.kind.keyword) \(object.sql) TO \(role.quoted)"
    case .grantByDefault(let privilege, let owner):
      let schema = privilege.schema.map { " IN SCHEMA \($0.quoted)" } ?? ""
      let grantee = privilege.grantee?.quoted ?? "PUBLIC"
      return "ALTER DEFAULT PRIVILEGES FOR ROLE \(owner.quoted)\(schema) "
        + "GRANT \(privilege.privilege) ON \(privilege.objects) TO \(grantee)"
        + (privilege.grantable ? " WITH GRANT OPTION" : "")
    }
  }
}
