internal import Postgres

/// A session that holds a lock setup needs.
public struct Blocker: Sendable, Equatable {
  public var pid: Int
  public var user: String
  /// Empty where this login may not see it (it takes `pg_read_all_stats`).
  public var application: String
  /// When its transaction began, ISO 8601; nil where this login may not see it.
  public var since: String?
  public var state: String

  /// For example `pid 4711 (psql, app_old, idle in transaction since 2026-01-02 03:04:05+00)`.
  public var summary: String {
    var parts = [application, user].filter { !$0.isEmpty }
    if let since { parts.append(state.isEmpty ? "since \(since)" : "\(state) since \(since)") }
    return "pid \(pid)" + (parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))")
  }
}

enum Blockers {
  /// Who else holds a lock on the relation, or on an object of another catalog.
  static func of(_ object: ObjectFacts, _ session: Session) async throws -> [Blocker] {
    let target =
      object.catalog == .relation
      ? "l.locktype = 'relation' AND (l.relation = $1::oid OR l.relation IN (\(dependents)))"
      : "l.locktype = 'object' AND l.objid = $1::oid AND l.classid = '\(object.catalog.rawValue)'::regclass"
    let rows = try await session.query(
      """
      SELECT DISTINCT l.pid, a.usename, a.application_name, date_trunc('second', a.xact_start)::text, a.state
      FROM pg_locks l LEFT JOIN pg_stat_activity a USING (pid)
      WHERE l.granted AND l.pid <> pg_backend_pid() AND \(target)
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      ORDER BY 1
      """, [String(object.oid)])
    return rows.map { row in
      Blocker(
        pid: rows.integer(row, 0), user: rows.text(row, 1), application: rows.text(row, 2),
        since: rows[row, 3],
        state: rows.text(row, 4))
    }
  }

  /// Indexes, TOAST and sequences are locked together with their table.
  private static let dependents = """
    SELECT indexrelid FROM pg_index WHERE indrelid = $1::oid
    UNION ALL SELECT reltoastrelid FROM pg_class WHERE oid = $1::oid
    UNION ALL SELECT objid FROM pg_depend WHERE classid = 'pg_class'::regclass
      AND refclassid = 'pg_class'::regclass AND refobjid = $1::oid AND deptype IN ('a', 'i')
    """

  /// The statement that finds, of these relations, those that somebody else has locked at this moment.
  static func busyStatement(_ objects: [ObjectFacts]) -> String {
    let relations = objects.filter { $0.catalog == .relation }.map(\.oid)
    return """
      SELECT DISTINCT relation FROM pg_locks WHERE locktype = 'relation' AND pid <> pg_backend_pid()
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND relation = ANY('\(oidArrayLiteral(relations))'::oid[])
      """
  }

  /// Which sessions hold or await a lock on each of these relations.
  static func holders(of objects: [ObjectFacts], _ session: Session) async throws -> [UInt32: Set<Int>] {
    let relations = objects.filter { $0.catalog == .relation }.map(\.oid)
    let rows = try await session.query(
      """
      SELECT DISTINCT relation, pid FROM pg_locks WHERE locktype = 'relation' AND granted AND pid <> pg_backend_pid()
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND relation = ANY($1::oid[])
      """, [oidArrayLiteral(relations)])
    var holders: [UInt32: Set<Int>] = [:]
    for row in 0..<rows.count {
      holders[UInt32(rows.text(row, 0)) ?? 0, default: []].insert(rows.integer(row, 1))
    }
    return holders
  }

  /// What `busyStatement` found.
  static func busy(_ rows: ResultSet) -> Set<UInt32> {
    Set(rows.map { UInt32(rows.text($0, 0)) ?? 0 })
  }
}
