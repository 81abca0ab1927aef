import Postgres

/// A session that looks as often as it can whether the IAM user, or the application it replaced, can log in and work on
/// every table.
///
/// Each look is one statement over the catalogs, so that it sees one committed state.
enum WorkWatch {
  /// Less than any committed state lasts.
  private static let pause: Duration = .milliseconds(2)

  struct Findings: Sendable {
    var looks = 0
    /// States in which neither could.
    var failures: [String] = []
  }

  /// `iam` and `old` are names of roles; the answer is which tables each could not read and write, and why else not.
  private static func statement(iam: String, old: String, version: Int) -> String {
    let inherits =
      version >= 160_000
      ? "m.inherit_option" : "(SELECT a.rolinherit FROM pg_authid a WHERE a.oid = m.member)"
    return """
      WITH RECURSIVE signs_in(oid) AS (
        SELECT oid FROM pg_authid WHERE rolname = 'rds_iam'
        UNION SELECT m.member FROM pg_auth_members m JOIN signs_in s ON m.roleid = s.oid),
      login AS (
        SELECT r.oid, r.rolname, r.rolcanlogin AND (r.oid IN (SELECT oid FROM signs_in)) = (r.rolname = '\(iam)') AS may,
          coalesce((SELECT b.oid FROM pg_db_role_setting s, unnest(s.setconfig) c, pg_authid b
            WHERE s.setrole = r.oid AND s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND c = 'role=' || b.rolname), r.oid) AS becomes
        FROM pg_authid r WHERE r.rolname IN ('\(iam)', '\(old)')),
      acts(login, oid) AS (
        SELECT oid, becomes FROM login
        UNION SELECT a.login, m.roleid FROM acts a JOIN pg_auth_members m ON m.member = a.oid AND \(inherits)),
      lacking AS (
        SELECT l.oid, c.relname FROM login l, pg_class c
        WHERE c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = 'public') AND c.relkind IN ('r', 'v', 'S')
        AND NOT EXISTS (SELECT FROM acts a WHERE a.login = l.oid AND a.oid = c.relowner)
        AND NOT EXISTS (SELECT FROM aclexplode(c.relacl) e, acts a
          WHERE a.login = l.oid AND e.grantee IN (0, a.oid) AND e.privilege_type = 'SELECT'))
      SELECT l.rolname, l.may, EXISTS (SELECT FROM pg_database d,
          aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) e, acts a
          WHERE d.datname = current_database() AND e.privilege_type = 'CONNECT'
          AND (e.grantee = 0 OR e.grantee = l.oid)),
        (SELECT count(*) FROM lacking k WHERE k.oid = l.oid), (SELECT min(relname) FROM lacking k WHERE k.oid = l.oid)
      FROM login l
      """
  }

  /// What keeps each of them from working, where neither can; nil when one of them can.
  static func look(_ session: Session, iam: String, old: String) async throws -> String? {
    let rows = try await session.query(statement(iam: iam, old: old, version: session.serverVersion))
    let states = rows.map { row in
      (
        works: rows.flag(row, 1) && rows.flag(row, 2) && rows.integer(row, 3) == 0,
        text: "\(rows.text(row, 0)): may log in \(rows.text(row, 1)), connect \(rows.text(row, 2)), lacks "
          + "\(rows.text(row, 3)) (\(rows.text(row, 4)))"
      )
    }
    return states.contains(where: \.works) ? nil : states.map(\.text).joined(separator: "; ")
  }

  static func during(
    _ database: TestDatabase, iam: String, old: String, _ body: () async throws -> Void
  ) async throws -> Findings {
    let session = try await database.server.connect(.superuser, database: database.name, application: "watch")
    return try await Repetition.of(Findings(), every: pause) { findings in
      findings.looks += 1
      if let failure = try await look(session, iam: iam, old: old), findings.failures.count < 5 {
        findings.failures.append(failure)
      }
    } during: {
      try await body()
    }
  }
}
