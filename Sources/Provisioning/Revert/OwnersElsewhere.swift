internal import Postgres

/// Who owns something in databases that a run of revert does not undo.
///
/// Another setup, of which this journal knows nothing, may have had those roles get it: whoever works there signs in as one
/// of them, or as a member.
struct OwnersElsewhere {
  private let owners: [String: Set<UInt32>]

  /// - Parameter databases: those that are undone.
  init(but databases: Set<UInt32>, _ session: Session) async throws {
    owners = try await Self.all(session).mapValues { $0.subtracting(databases) }
  }

  /// Who owns something in a database, or a database, in this cluster:
  /// https://www.postgresql.org/docs/current/catalog-pg-shdepend.html
  static func all(_ session: Session) async throws -> [String: Set<UInt32>] {
    let rows = try await session.query(
      """
      SELECT DISTINCT r.rolname, CASE WHEN s.dbid = 0 THEN s.objid ELSE s.dbid END
      FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
      WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype = 'o'
        AND (s.dbid <> 0 OR s.classid = 'pg_database'::regclass)
      """)
    var owners: [String: Set<UInt32>] = [:]
    for row in 0..<rows.count {
      owners[rows.text(row, 0), default: []].insert(UInt32(rows.text(row, 1)) ?? 0)
    }
    return owners
  }

  /// Roles that own something in a database where they owned nothing when a membership was given.
  func since(_ change: PastChange) -> Set<String> {
    var known: [String: Set<UInt32>] = [:]
    for (name, databases) in change.journaled.owners ?? [:] {
      if let name = change.roles.name(name) { known[name] = Set(databases) }
    }
    return Set(owners.filter { !$0.value.isSubset(of: known[$0.key] ?? []) }.keys)
  }
}
