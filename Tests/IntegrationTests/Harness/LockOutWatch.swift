import Postgres

/// A session that looks as often as it can whether a committed state has a path from a login to rds_iam.
enum LockOutWatch {
  struct Findings: Sendable {
    var looks = 0
    /// Logins that `+rds_iam` of pg_hba.conf would have matched at some moment.
    var members: Set<String> = []
  }

  /// Less than any committed state lasts.
  private static let pause: Duration = .milliseconds(2)

  /// Walks `pg_auth_members` and follows every membership whatever its options, as pg_hba.conf's `+` does:
  /// https://www.postgresql.org/docs/current/auth-pg-hba-conf.html
  private static let members = """
    WITH RECURSIVE inside(oid) AS (
      SELECT 'rds_iam'::regrole::oid
      UNION SELECT m.member FROM pg_auth_members m JOIN inside ON m.roleid = inside.oid)
    SELECT rolname FROM pg_roles JOIN inside USING (oid) WHERE rolcanlogin AND NOT rolsuper
    """

  /// Looks again and again while the body runs.
  static func during(_ database: TestDatabase, _ body: () async throws -> Void) async throws -> Findings {
    let session = try await database.server.connect(.superuser, database: "postgres", application: "watch")
    return try await Repetition.of(Findings(), every: pause) { findings in
      let rows = try await session.query(members)
      findings.looks += 1
      for row in 0..<rows.count { findings.members.insert(rows.text(row, 0)) }
    } during: {
      try await body()
    }
  }
}
