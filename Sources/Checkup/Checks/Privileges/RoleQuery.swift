internal import FoundationEssentials
internal import Postgres

/// What is asked of the database about the login's role: one statement, one round trip, reading catalogs only.
enum RoleQuery {
  /// The answer, as the statement's JSON has it.
  struct Answer: Decodable {
    let recovery: Bool
    let superuser: Bool
    let validUntil: Double?
    let iamPaths: [[String]]
    let activeDirectory: Bool
    let objects: Int
    let unreadable: Int
    let example: String?
    let foreign: Int
    let closedSchemas: [String]
    let clock: Double
  }

  /// Memberships are walked whatever their options, as `+rds_iam` in pg_hba.conf does.
  static let sql = """
    WITH RECURSIVE paths(role, path) AS (
      SELECT oid, ARRAY[rolname::text] FROM pg_roles WHERE rolname = session_user
      UNION ALL
      SELECT r.oid, p.path || r.rolname::text
      FROM paths p JOIN pg_auth_members m ON m.member = p.role JOIN pg_roles r ON r.oid = m.roleid
      WHERE cardinality(p.path) < 16),
    relations AS (
      SELECT c.oid, c.relowner, n.nspname, c.relname, n.oid AS schema,
        CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'SELECT')
             ELSE has_table_privilege(c.oid, 'SELECT') OR has_any_column_privilege(c.oid, 'SELECT') END
          AND has_schema_privilege(n.oid, 'USAGE') AS readable,
        pg_has_role(c.relowner, 'USAGE') AS owned
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_'
        AND n.nspname <> 'information_schema'
        AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                        AND d.deptype = 'e'))
    SELECT json_build_object(
      'recovery', pg_is_in_recovery(),
      'superuser', (SELECT rolsuper FROM pg_roles WHERE rolname = session_user),
      'validUntil', (SELECT CASE WHEN isfinite(rolvaliduntil) THEN extract(epoch FROM rolvaliduntil) END
                     FROM pg_roles WHERE rolname = session_user),
      'iamPaths', (SELECT coalesce(json_agg(path), '[]') FROM paths WHERE path[cardinality(path)] = 'rds_iam'
                   AND cardinality(path) > 1),
      'activeDirectory', EXISTS (SELECT FROM paths WHERE path[cardinality(path)] = 'rds_ad' AND cardinality(path) > 1),
      'objects', (SELECT count(*) FROM relations),
      'unreadable', (SELECT count(*) FROM relations WHERE NOT readable),
      'example', (SELECT format('%I.%I', nspname, relname) FROM relations WHERE NOT readable ORDER BY oid LIMIT 1),
      'foreign', (SELECT count(*) FROM relations WHERE NOT owned),
      'closedSchemas', (SELECT coalesce(json_agg(DISTINCT nspname), '[]') FROM relations
                        WHERE NOT has_schema_privilege(schema, 'USAGE')),
      'clock', extract(epoch FROM clock_timestamp()))::text
    """

  /// Asks on the login's session.
  static func facts(_ session: Session, until end: ContinuousClock.Instant) async throws -> RoleFacts {
    let before = Date()
    let result = try await session.catalogQuery(sql, deadline: end)
    let middle = before.addingTimeInterval(Date().timeIntervalSince(before) / 2)
    let answer = try JSONDecoder().decode(Answer.self, from: Data((result[0, 0] ?? "").utf8))
    return RoleFacts(
      serverVersion: session.serverVersion, isInRecovery: answer.recovery, isSuperuser: answer.superuser,
      validUntil: answer.validUntil.map { Date(timeIntervalSince1970: $0) },
      iamPaths: answer.iamPaths.filter { $0.count > 1 },
      isInActiveDirectoryRole: answer.activeDirectory, objects: answer.objects, unreadable: answer.unreadable,
      unreadableExample: answer.example, foreign: answer.foreign, closedSchemas: answer.closedSchemas,
      clockOffset: .told(seconds: answer.clock - middle.timeIntervalSince1970))
  }
}
