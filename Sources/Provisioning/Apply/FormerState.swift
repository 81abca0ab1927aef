internal import Postgres

/// Owners and access privileges of objects, read inside the transaction that is about to change them.
struct FormerState {
  private(set) var owners: [OwnedCatalog: [UInt32: String]] = [:]
  private var access: [OwnedCatalog: [UInt32: FormerAccess]] = [:]

  func owner(of object: ObjectFacts) -> String? { owners[object.catalog]?[object.oid] }

  func access(of object: ObjectFacts) -> FormerAccess? { access[object.catalog]?[object.oid] }

  static func read(_ objects: [ObjectFacts], _ session: Session) async throws -> FormerState {
    var state = FormerState()
    for (catalog, members) in Dictionary(grouping: objects, by: \.catalog) {
      let oids = arrayLiteral(Set(members.map(\.oid)).sorted().map(String.init))
      let acl = catalog.aclColumn.map { "\($0)::text" } ?? "NULL"
      let rows = try await session.query(
        "SELECT oid, pg_get_userbyid(\(catalog.ownerColumn)), \(acl) FROM \(catalog.table) WHERE oid = ANY($1::oid[])",
        [oids])
      for row in 0..<rows.count {
        let oid = UInt32(rows.text(row, 0)) ?? 0
        state.owners[catalog, default: [:]][oid] = rows.text(row, 1)
        if catalog.aclColumn != nil {
          state.access[catalog, default: [:]][oid] = FormerAccess(acl: rows[row, 2])
        }
      }
      if catalog == .relation { try await state.readColumns(oids, session) }
    }
    return state
  }

  private mutating func readColumns(_ oids: String, _ session: Session) async throws {
    let columns = try await session.query(
      """
      SELECT attrelid, attname, attacl::text FROM pg_attribute
      WHERE attrelid = ANY($1::oid[]) AND attacl IS NOT NULL AND NOT attisdropped
      """, [oids])
    for row in 0..<columns.count {
      let table = UInt32(columns.text(row, 0)) ?? 0
      var all = access[.relation]?[table]?.columns ?? [:]
      all[columns.text(row, 1)] = columns.text(row, 2)
      access[.relation]?[table]?.columns = all
    }
    let sequences = try await session.query(
      """
      SELECT d.refobjid, c.oid, c.relacl::text FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
      WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
        AND c.relkind = 'S' AND c.relacl IS NOT NULL AND d.refobjid = ANY($1::oid[])
      """, [oids])
    for row in 0..<sequences.count {
      let table = UInt32(sequences.text(row, 0)) ?? 0
      var all = access[.relation]?[table]?.sequences ?? [:]
      all[sequences.text(row, 1)] = sequences.text(row, 2)
      access[.relation]?[table]?.sequences = all
    }
  }
}
