internal import Postgres

/// What roles that setup created are used for by now, beyond what setup used them for.
struct RoleDuties {
  let session: Session
  let server: ServerFacts
  /// The databases that this run undoes.
  let databases: Set<UInt32>

  struct Duty {
    var text: String
    /// It concerns another database than those of this run.
    var isElsewhere: Bool
  }

  /// Duties by role.
  ///
  /// - Parameters:
  ///   - removed: memberships that are about to go.
  ///   - needed: memberships that stay because another database needs them.
  ///   - atEnd: everything of this run's databases has been undone, so that what is left there counts, too.
  func all(
    of roles: [RoleFacts], removed: [MembershipRow], needed: [MembershipRow], memberships: [MembershipRow],
    atEnd: Bool
  ) async throws -> [String: [Duty]] {
    guard !roles.isEmpty else { return [:] }
    var duties = try await objects(of: roles, atEnd: atEnd)
    for (role, database) in try await settings(of: roles) {
      duties[role, default: []].append(
        Duty(text: "logs in to database \(Identifier.display(database)) as another role", isElsewhere: true))
    }
    let names = Set(roles.map(\.name))
    for row in needed where names.contains(row.member) {
      duties[row.member, default: []].append(
        Duty(
          text: "is a member of \(Identifier.display(row.role)), which another database uses",
          isElsewhere: true))
    }
    for row in memberships where !removed.contains(row) && !needed.contains(row) {
      if names.contains(row.role), !isCreators(row), !names.contains(row.member) {
        duties[row.role, default: []].append(
          Duty(text: "has the member \(Identifier.display(row.member))", isElsewhere: false))
      }
      if names.contains(row.member), !names.contains(row.role) {
        duties[row.member, default: []].append(
          Duty(text: "is a member of \(Identifier.display(row.role))", isElsewhere: false))
      }
    }
    return duties
  }

  /// PostgreSQL 16 and later make whoever creates a role its member, with ADMIN alone.
  private func isCreators(_ row: MembershipRow) -> Bool {
    row.member == server.user || (row.admin && row.inherit == false && row.set == false)
  }

  /// What it owns and what has been granted to it: https://www.postgresql.org/docs/current/catalog-pg-shdepend.html
  private func objects(of roles: [RoleFacts], atEnd: Bool) async throws -> [String: [Duty]] {
    let rows = try await session.query(
      """
      SELECT r.rolname, s.dbid, d.datname, s.classid = 'pg_database'::regclass AS is_database, s.objid, s.deptype,
        CASE WHEN s.dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
          THEN pg_describe_object(s.classid, s.objid, s.objsubid) END
      FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid LEFT JOIN pg_database d ON d.oid = s.dbid
      WHERE s.refclassid = 'pg_authid'::regclass AND r.oid = ANY($1::oid[])
        AND s.classid <> 'pg_auth_members'::regclass
      ORDER BY r.rolname, s.dbid, s.deptype DESC, s.objid
      """, [oidArrayLiteral(roles.map(\.oid))])
    var duties: [String: [Duty]] = [:]
    var elsewhere: Set<[String]> = []
    for row in 0..<rows.count {
      let (role, database) = (rows.text(row, 0), UInt32(rows.text(row, 1)) ?? 0)
      let object = UInt32(rows.text(row, 4)) ?? 0
      let isOurs =
        databases.contains(database) || (database == 0 && rows.flag(row, 3) && databases.contains(object))
      if isOurs, !atEnd { continue }
      if let described = rows[row, 6] {
        let verb = rows.text(row, 5) == "o" ? "owns" : "has privileges on"
        duties[role, default: []].append(Duty(text: "\(verb) \(described)", isElsewhere: !isOurs))
      } else if elsewhere.insert([role, rows.text(row, 2)]).inserted {
        duties[role, default: []].append(
          Duty(
            text: "owns things or has privileges in database \(Identifier.display(rows.text(row, 2)))",
            isElsewhere: !isOurs))
      }
    }
    return duties
  }

  /// In which other databases a role becomes another one on login, as setup has it do.
  func settings(of roles: [RoleFacts]) async throws -> [(role: String, database: String)] {
    let rows = try await session.query(
      """
      SELECT r.rolname, d.datname FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole
      JOIN pg_database d ON d.oid = s.setdatabase
      WHERE r.oid = ANY($1::oid[]) AND NOT d.oid = ANY($2::oid[])
        AND EXISTS (SELECT FROM unnest(s.setconfig) c WHERE c LIKE 'role=%') ORDER BY 1, 2
      """, [oidArrayLiteral(roles.map(\.oid)), oidArrayLiteral(databases)])
    return rows.map { (rows.text($0, 0), rows.text($0, 1)) }
  }
}
