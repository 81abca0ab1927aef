internal import Postgres

/// Asks the server which owners had the new owner's power before the move.
struct ReachInspector {
  let session: Session
  let newOwner: String
  let rdsIAM: String
  let server: ServerFacts
  /// From whom earlier runs moved what the new owner has.
  let moves: JournaledMoves

  /// Whose objects the new owner, where it exists, may use already: its own count as those of the owner they were
  /// moved from.
  func holdings() async throws -> Set<String> {
    let rows = try await session.query(
      """
      SELECT DISTINCT s.classid = 'pg_class'::regclass, s.objid, pg_get_userbyid(owner)
      FROM pg_roles r JOIN pg_shdepend s ON s.refclassid = 'pg_authid'::regclass AND s.refobjid = r.oid
        AND s.dbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()) AND s.deptype IN ('o', 'a')
        AND s.classid IN ('pg_class'::regclass, 'pg_proc'::regclass)
      LEFT JOIN pg_class c ON s.classid = 'pg_class'::regclass AND c.oid = s.objid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      LEFT JOIN pg_proc p ON s.classid = 'pg_proc'::regclass AND p.oid = s.objid
      CROSS JOIN LATERAL (SELECT coalesce(c.relowner, p.proowner) AS owner) o
      WHERE r.rolname = $1::name AND owner IS NOT NULL
      UNION SELECT true, NULL, g.rolname FROM pg_roles r JOIN pg_auth_members m ON m.member = r.oid
      JOIN pg_roles g ON g.oid = m.roleid WHERE r.rolname = $1::name AND g.rolname <> $2::name
      """, [newOwner, rdsIAM])
    var owners: Set<String> = []
    for row in 0..<rows.count {
      let owner = rows.text(row, 2)
      if let oid = rows[row, 1].flatMap({ UInt32($0) }) {
        let object = ObjectKey(catalog: rows.flag(row, 0) ? .relation : .routine, oid: oid)
        if owner != newOwner, moves.granted(object, to: newOwner) { continue }
        owners.insert(moves.owner(of: object, before: newOwner) ?? owner)
      } else {
        owners.insert(owner)
      }
    }
    return owners
  }

  /// Those of the candidates that have the privileges of all the powers, or can become the new owner.
  ///
  /// - Parameter interim: members of the new owner for the time of the move alone, which does not count.
  func sufficient(_ reach: OwnerReach, interim: Set<String>) async throws -> Set<String> {
    guard !reach.candidates.isEmpty else { return [] }
    let handOver = server.hasMembershipOptions ? "SET" : "MEMBER"
    let rows = try await session.query(
      """
      SELECT o.rolname FROM pg_roles o WHERE o.rolname = ANY($1::name[]) AND (
        EXISTS (SELECT FROM pg_roles n WHERE n.rolname = $3::name AND o.rolname <> ALL($4::name[])
          AND (pg_has_role(o.oid, n.oid, 'USAGE') OR pg_has_role(o.oid, n.oid, '\(handOver)')))
        OR NOT EXISTS (SELECT FROM pg_roles p WHERE p.rolname = ANY($2::name[])
          AND NOT (pg_has_role(o.oid, p.oid, 'USAGE') OR pg_has_role(o.oid, p.oid, '\(handOver)'))))
      """, [arrayLiteral(reach.candidates), arrayLiteral(reach.powers), newOwner, arrayLiteral(interim)])
    return Set(rows.map { rows.text($0, 0) })
  }
}
