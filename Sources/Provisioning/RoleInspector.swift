internal import Postgres

/// Reads roles and who is a member of whom.
struct RoleInspector {
  let session: Session

  func roles(readPasswords: Bool) async throws -> [String: RoleFacts] {
    // pg_roles hides the password from everybody; pg_authid is for superusers.
    let password =
      readPasswords ? "(SELECT a.rolpassword IS NOT NULL FROM pg_authid a WHERE a.oid = r.oid)" : "NULL"
    let rows = try await session.query(
      """
      SELECT rolname, oid, rolcanlogin, rolsuper, rolinherit, rolconnlimit,
        nullif(rolvaliduntil::text, 'infinity'), \(password),
        rolcreaterole, rolcreatedb, rolreplication, rolbypassrls
      FROM pg_roles r
      """)
    var roles: [String: RoleFacts] = [:]
    for row in 0..<rows.count {
      let name = rows.text(row, 0)
      roles[name] = RoleFacts(
        identifier: try await session.identifier(name), oid: UInt32(rows.text(row, 1)) ?? 0,
        canLogin: rows.flag(row, 2), isSuperuser: rows.flag(row, 3), inherits: rows.flag(row, 4),
        connectionLimit: rows.integer(row, 5), validUntil: rows[row, 6],
        hasPassword: rows[row, 7].map { $0 == "t" }, canCreateRoles: rows.flag(row, 8),
        canCreateDatabases: rows.flag(row, 9), canReplicate: rows.flag(row, 10),
        bypassesRowSecurity: rows.flag(row, 11))
    }
    return roles
  }

  /// The OID of every role.
  func numbers() async throws -> [String: UInt32] {
    let rows = try await session.query("SELECT rolname, oid FROM pg_roles")
    return Dictionary(
      rows.map { (rows.text($0, 0), UInt32(rows.text($0, 1)) ?? 0) }, uniquingKeysWith: { first, _ in first })
  }

  func graph() async throws -> MembershipGraph {
    let rows = try await session.query(
      """
      SELECT DISTINCT r.rolname, m.rolname FROM pg_auth_members a
      JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member ORDER BY 1, 2
      """)
    return MembershipGraph(edges: rows.map { (rows.text($0, 0), rows.text($0, 1)) })
  }

  /// Which of the candidates have a role's privileges and can become it.
  func members(of role: String, among candidates: [String], options: Bool) async throws -> Set<String> {
    let test =
      options
      ? "pg_has_role(m.oid, r.oid, 'USAGE') AND pg_has_role(m.oid, r.oid, 'SET')"
      : "pg_has_role(m.oid, r.oid, 'MEMBER')"
    let rows = try await session.query(
      "SELECT m.rolname FROM pg_roles m, pg_roles r WHERE r.rolname = $1::name AND m.rolname = ANY($2::name[]) AND \(test)",
      [role, arrayLiteral(candidates)])
    return Set(rows.map { rows.text($0, 0) })
  }

  /// The role's `role` setting in a database: what it becomes on login.
  func roleSetting(of role: String, in database: String) async throws -> String? {
    let rows = try await session.query(
      """
      SELECT substr(setting, 6) FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
      JOIN pg_database d ON d.oid = s.setdatabase, unnest(setconfig) setting
      WHERE r.rolname = $1::name AND d.datname = $2::name AND setting LIKE 'role=%'
      """, [role, database])
    return rows.count == 0 ? nil : rows[0, 0]
  }
}
