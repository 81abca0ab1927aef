internal import Postgres

extension RevertPlanner {
  /// Roles that setup created own something that no plan knew of, or have been given something.
  func somethingIsNew() async throws -> Bool {
    let server = try await ServerInspector(session: session).facts()
    let history = try await JournalHistory(journal, server, session)
    let created = try await history.changes(in: Set(history.databases.map(\.oid)))
      .filter { $0.undo == .dropRole && $0.role?.name != nil }.compactMap(\.journaled.roleOID)
    let rows = try await session.query(
      """
      SELECT EXISTS (SELECT FROM pg_shdepend s JOIN pg_database d ON d.oid = s.dbid
        WHERE d.datname = current_database() AND s.deptype IN ('a', 'o') AND s.refclassid = 'pg_authid'::regclass
          AND s.refobjid = ANY($1::oid[]))
      """, [oidArrayLiteral(created)])
    return rows.flag(0, 0)
  }

  /// Writes that everything has been undone but what is kept.
  func close(_ journal: Journal, _ kept: [JournaledChange]) async throws {
    let server = try await ServerInspector(session: session).facts()
    let history = try await JournalHistory(self.journal, server, session)
    let known = try await history.changes(in: Set(history.databases.map(\.oid)))
    let open = Set(known.map(\.databaseOID))
    if Set(known.map(\.journaled.identity)) == Set(kept.map(\.identity)) { return }
    var rest: [JournaledChange]? = kept.isEmpty ? nil : kept
    for database in history.databases where open.contains(database.oid) || rest != nil {
      try journal.append(JournalRecord(reverted: .init(database: database.journaled, kept: rest)))
      rest = nil
    }
  }
}

extension JournaledChange {
  /// What makes it the same change in another record.
  fileprivate var identity: [String] {
    [
      undo.rawValue, role ?? "", member ?? "", roleOID.map(String.init) ?? "", catalog?.rawValue ?? "",
      oid.map(String.init) ?? "",
    ]
  }
}
