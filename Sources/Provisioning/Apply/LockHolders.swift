internal import Postgres

/// Who else holds locks at one moment, and on which objects: asked once for all of them.
struct LockHolders {
  private struct Key: Hashable {
    var catalog: OwnedCatalog
    var oid: UInt32
  }

  /// Transactions by object. A transaction is known by what `pg_locks.virtualtransaction` calls it, for a prepared
  /// one has no process.
  private var transactions: [Key: Set<String>] = [:]
  private var blockers: [String: Blocker] = [:]

  /// The transactions that hold a lock on the object or, for a table, on what is locked together with it.
  func transactions(on object: ObjectFacts?) -> Set<String> {
    object.flatMap { transactions[Key(catalog: $0.catalog, oid: $0.oid)] } ?? []
  }

  func blockers(_ transactions: Set<String>) -> [Blocker] {
    transactions.compactMap { blockers[$0] }.sorted {
      ($0.pid ?? .max, $0.prepared ?? "") < ($1.pid ?? .max, $1.prepared ?? "")
    }
  }

  static func read(_ objects: [ObjectFacts], _ session: Session) async throws -> LockHolders {
    var holders = LockHolders()
    var byCatalog = Dictionary(grouping: objects, by: \.catalog)
    let relations = (byCatalog.removeValue(forKey: .relation) ?? []).map(\.oid)
    let others = byCatalog.map { catalog, members in
      "l.classid = '\(catalog.rawValue)'::regclass AND l.objid = ANY('\(oidArrayLiteral(members.map(\.oid)))'::oid[])"
    }
    var statements: [String] = []
    if !relations.isEmpty { statements.append(onRelations(oidArrayLiteral(relations))) }
    if !others.isEmpty {
      statements.append(
        """
        SELECT l.classid::regclass::text, l.objid, l.virtualtransaction FROM pg_locks l
        WHERE l.locktype = 'object' AND \(here) AND \(foreign) AND (\(others.joined(separator: " OR ")))
        """)
    }
    guard !statements.isEmpty else { return holders }
    let results = try await session.execute(statements.joined(separator: ";\n"))
    for rows in results {
      for row in 0..<rows.count {
        guard let catalog = OwnedCatalog(rawValue: rows.text(row, 0)), let oid = UInt32(rows.text(row, 1))
        else { continue }
        holders.transactions[Key(catalog: catalog, oid: oid), default: []].insert(rows.text(row, 2))
      }
    }
    let found = holders.transactions.values.reduce(into: Set<String>()) { $0.formUnion($1) }
    if !found.isEmpty {
      let names = try await session.literal(arrayLiteral(found.sorted()))
      holders.blockers = try await named("l.virtualtransaction = ANY(\(names)::text[])", session)
    }
    return holders
  }

  /// The transactions whose granted locks meet a condition on `pg_locks l`, with who they are.
  static func named(_ condition: String, _ session: Session) async throws -> [String: Blocker] {
    let rows = try await session.query(
      """
      SELECT h.virtualtransaction, h.pid, coalesce(a.usename, x.owner), a.application_name,
        date_trunc('second', coalesce(a.xact_start, x.prepared))::text,
        CASE WHEN x.gid IS NULL THEN a.state ELSE 'prepared' END, x.gid
      FROM (SELECT DISTINCT l.virtualtransaction, l.pid FROM pg_locks l WHERE \(foreign) AND \(condition)) h
      LEFT JOIN pg_stat_activity a ON a.pid = h.pid
      LEFT JOIN (
        SELECT t.virtualtransaction, p.gid, p.owner, p.prepared FROM pg_locks t
        JOIN pg_prepared_xacts p ON p.transaction = t.transactionid
        WHERE t.locktype = 'transactionid' AND t.granted AND t.pid IS NULL) x
      ON h.pid IS NULL AND x.virtualtransaction = h.virtualtransaction
      """)
    var blockers: [String: Blocker] = [:]
    for row in 0..<rows.count {
      blockers[rows.text(row, 0)] = Blocker(
        pid: rows[row, 1].flatMap { Int($0) }, prepared: rows[row, 6], user: rows.text(row, 2),
        application: rows.text(row, 3), since: rows[row, 4], state: rows.text(row, 5))
    }
    return blockers
  }

  /// Why catalogs could not be read: what others have locked against every reader, and who they are.
  static func problem(_ error: PostgresError, _ session: Session) async throws -> SetupProblem {
    let held = "l.locktype = 'relation' AND \(here) AND l.mode = 'AccessExclusiveLock'"
    let rows = try await session.query(
      """
      SELECT DISTINCT n.nspname, c.relname FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE \(foreign) AND \(held) AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname !~ '^pg_' ORDER BY 1, 2 LIMIT 20
      """)
    let names = rows.map { "\(Identifier.display(rows.text($0, 0))).\(Identifier.display(rows.text($0, 1)))" }
    let holders = try await named(held, session).values.map(\.summary).sorted()
    return SetupProblem(
      .refused, "locked",
      names.isEmpty
        ? "another session had locked something that the plan has to look into: \(error.message)"
        : "another session has locked \(names.joined(separator: ", ")): \(holders.joined(separator: "; "))",
      why: "to tell what a view or a policy does, the server has to open it and the tables that it uses",
      fix: "run the same command again when that has ended")
  }

  /// The statement that finds, of these relations, those that somebody else has locked at this moment.
  static func busyStatement(_ objects: [ObjectFacts]) -> String {
    let relations = objects.filter { $0.catalog == .relation }.map(\.oid)
    return """
      SELECT DISTINCT l.relation FROM pg_locks l WHERE l.locktype = 'relation' AND \(here)
        AND l.pid IS DISTINCT FROM pg_backend_pid() AND l.relation = ANY('\(oidArrayLiteral(relations))'::oid[])
      """
  }

  /// What `busyStatement` found.
  static func busy(_ rows: ResultSet) -> Set<UInt32> {
    Set(rows.map { UInt32(rows.text($0, 0)) ?? 0 })
  }

  /// Held by somebody else; a prepared transaction's locks have no process.
  private static let foreign = "l.granted AND l.pid IS DISTINCT FROM pg_backend_pid()"
  private static let here = "l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"

  /// Indexes, TOAST and sequences are locked together with their table.
  private static func onRelations(_ oids: String) -> String {
    """
    WITH wanted(oid) AS MATERIALIZED (SELECT unnest('\(oids)'::oid[])),
    parts(part, oid) AS MATERIALIZED (
      SELECT oid, oid FROM wanted
      UNION ALL SELECT i.indexrelid, w.oid FROM wanted w JOIN pg_index i ON i.indrelid = w.oid
      UNION ALL SELECT c.reltoastrelid, w.oid FROM wanted w JOIN pg_class c ON c.oid = w.oid
      UNION ALL SELECT d.objid, w.oid FROM wanted w JOIN pg_depend d ON d.refobjid = w.oid
      WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i'))
    SELECT DISTINCT 'pg_class', p.oid, l.virtualtransaction
    FROM (SELECT l.relation, l.virtualtransaction FROM pg_locks l
      WHERE l.locktype = 'relation' AND \(here) AND \(foreign)) l
    JOIN parts p ON p.part = l.relation
    """
  }
}
