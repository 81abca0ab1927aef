internal import Postgres

/// Asks the server what somebody would come to reach by an interim membership.
struct InterimReach {
  let session: Session

  /// Whose privileges, among `others`, each of the roles has.
  func privileges(of roles: Set<String>, among others: Set<String>) async throws -> [String: Set<String>] {
    grouped(
      try await session.query(
        """
        SELECT a.rolname, b.rolname FROM pg_roles a, pg_roles b
        WHERE a.rolname = ANY($1::name[]) AND b.rolname = ANY($2::name[]) AND pg_has_role(a.oid, b.oid, 'USAGE')
        """, [arrayLiteral(roles), arrayLiteral(others)]))
  }

  /// In which of the schemas each of the roles may create.
  func creates(_ roles: Set<String>, in schemas: [String]) async throws -> [String: Set<String>] {
    grouped(
      try await session.query(
        """
        SELECT r.rolname, n.nspname FROM pg_roles r, pg_namespace n
        WHERE r.rolname = ANY($1::name[]) AND n.nspname = ANY($2::name[])
          AND has_schema_privilege(r.oid, n.oid, 'CREATE')
        """, [arrayLiteral(roles), arrayLiteral(schemas)]))
  }

  /// Those of the roles that have something in other databases, or own something in other schemas of this one.
  func withMore(_ roles: Set<String>, than schemas: some Sequence<String>) async throws -> Set<String> {
    let rows = try await session.query(
      """
      SELECT r.rolname FROM pg_roles r WHERE r.rolname = ANY($1::name[]) AND (
        EXISTS (SELECT FROM pg_shdepend s JOIN pg_database d ON d.datname = current_database()
          WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = r.oid AND s.deptype IN ('o', 'a')
          AND CASE WHEN s.dbid = 0 THEN s.classid IN ('pg_database'::regclass, 'pg_tablespace'::regclass)
            AND s.deptype = 'o' AND s.objid <> d.oid
            ELSE s.dbid <> d.oid AND EXISTS (SELECT FROM pg_database o WHERE o.oid = s.dbid AND o.datallowconn) END)
        OR EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname <> ALL($2::name[])
          AND n.nspname !~ '^pg_'))
      """, [arrayLiteral(roles), arrayLiteral(schemas)])
    return Set(rows.map { rows.text($0, 0) })
  }

  /// Those of the roles that own a relation of this database by now, or may use one outside the schemas.
  func stillHolding(_ roles: Set<String>, outside schemas: some Sequence<String>) async throws -> Set<String>
  {
    let rows = try await session.query(
      """
      SELECT r.rolname FROM pg_roles r WHERE r.rolname = ANY($1::name[]) AND EXISTS (
        SELECT FROM pg_shdepend s JOIN pg_database d ON d.oid = s.dbid AND d.datname = current_database()
        JOIN pg_class c ON c.oid = s.objid AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname !~ '^pg_'
        WHERE s.classid = 'pg_class'::regclass AND s.refclassid = 'pg_authid'::regclass AND s.refobjid = r.oid
          AND (s.deptype = 'o' OR s.deptype = 'a' AND n.nspname <> ALL($2::name[])))
      """, [arrayLiteral(roles), arrayLiteral(schemas)])
    return Set(rows.map { rows.text($0, 0) })
  }

  /// Owners of anything in other databases that setup would move, too.
  func ownersElsewhere() async throws -> Set<String> {
    let rows = try await session.query(
      """
      SELECT DISTINCT r.rolname FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
      JOIN pg_database d ON d.oid = s.dbid AND d.datallowconn AND NOT d.datistemplate
        AND d.datname NOT IN ('rdsadmin', current_database())
      WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype = 'o'
      """)
    return Set(rows.map { rows.text($0, 0) })
  }

  private func grouped(_ rows: ResultSet) -> [String: Set<String>] {
    var found: [String: Set<String>] = [:]
    for row in 0..<rows.count { found[rows.text(row, 0), default: []].insert(rows.text(row, 1)) }
    return found
  }
}
