internal import Postgres

/// What the new owner has in a database before anything is moved: the rest of what it owns later came with the move or after it.
enum NewOwnersHoldings {
  /// - Returns: OIDs by catalog.
  static func read(_ owner: String, _ session: Session) async throws -> [String: [UInt32]] {
    let rows = try await session.query(
      """
      SELECT c.relname, s.objid FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid JOIN pg_class c ON c.oid = s.classid
      WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype = 'o' AND r.rolname = $1::name
        AND s.dbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()) ORDER BY 1, 2
      """, [owner])
    var owned: [String: [UInt32]] = [:]
    for row in 0..<rows.count {
      owned[rows.text(row, 0), default: []].append(UInt32(rows.text(row, 1)) ?? 0)
    }
    return owned
  }
}

extension JournalHistory {
  /// What the new owner had before the first apply that has not been undone; nil: the journal does not tell.
  func holdings(in database: UInt32) -> Set<ObjectKey>? {
    var first: JournalRecord.Begin?
    for record in records {
      if let begin = record.begin, begin.databaseOID == database { first = first ?? begin }
      if let name = record.reverted?.database,
        databases.contains(where: { $0.oid == database && $0.isCalled(name) })
      {
        first = nil
      }
    }
    guard let owned = first?.owned else { return nil }
    return Set(
      owned.flatMap { catalog, oids in
        OwnedCatalog(rawValue: catalog).map { catalog in oids.map { ObjectKey(catalog: catalog, oid: $0) } }
          ?? []
      })
  }
}

extension JournaledDatabase {
  fileprivate func isCalled(_ name: String) -> Bool { name == journaled || name == self.name }
}
