public import Postgres

/// One setup a database at a time: an advisory lock, which the server gives up when the session ends.
public enum SetupLock {
  /// Two constants in one key space of advisory locks: the ASCII codes of "dbau" and "setu".
  static let key = "1684169077, 1936028789"
  /// A setup that was killed leaves a backend that takes a moment to notice; this long is waited for it.
  static let patience: Duration = .seconds(10)

  /// - Throws: `SetupProblem` that says who holds it.
  public static func acquire(_ session: Session) async throws {
    try await session.execute(TransactionSettings.session)
    // The server's limit for a statement must not come first.
    let patience = min(patience, (session.statementTimeout ?? patience * 2) / 2)
    do {
      try await session.execute(
        "BEGIN; \(TransactionSettings.lockTimeoutStatement(patience)); SELECT pg_advisory_lock(\(key)); COMMIT"
      )
    } catch let error as PostgresError where error.sqlstate == "55P03" {
      try await session.execute("ROLLBACK")
      throw SetupProblem(
        .refused, "setup-running",
        "another setup is at work in database \"\(session.database)\": \(try await holder(session))",
        fix: "wait until it has ended; if it hangs, end its session: SELECT pg_terminate_backend(PID)")
    }
  }

  private static func holder(_ session: Session) async throws -> String {
    let rows = try await session.query(
      """
      SELECT l.pid, a.usename, a.application_name, date_trunc('second', a.backend_start)::text, host(a.client_addr)
      FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 1684169077 AND l.objid = 1936028789
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      """)
    guard rows.count > 0 else { return "it has just ended" }
    let parts = [
      rows[0, 1], rows[0, 2], rows[0, 4].map { "from \($0)" }, rows[0, 3].map { "connected since \($0)" },
    ]
    return "pid \(rows.text(0, 0)) (\(parts.compactMap { $0 }.joined(separator: ", ")))"
  }
}
