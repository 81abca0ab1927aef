internal import Postgres

/// Reads `InterimFacts`.
struct InterimInspector {
  let session: Session
  let request: SetupRequest
  /// Where earlier runs have written what they did; nil: there were none.
  let journal: String?
  /// Reads the journal's part of what the new owner has.
  let moves: @Sendable () throws -> JournaledMoves

  func facts(_ snapshot: CatalogSnapshot) async throws -> InterimFacts {
    var facts = InterimFacts()
    if let journal {
      facts.inForce = try await JournaledInterims.inForce(journal, snapshot.server, session)
    }
    facts.owners = Set(snapshot.objects.lazy.map(\.owner)).filter { isUsed($0, snapshot) }
    guard !facts.owners.isEmpty else { return facts }
    try await BorrowedMemberships.forgetWhatLoginSaw(session)
    // Also what stays: whoever owns its schema could drop it.
    facts.powers = Set(snapshot.objects.lazy.filter { $0.kind != .schema }.map(\.owner))
    if snapshot.roles[snapshot.newOwner.name] != nil {
      let reach = ReachInspector(
        session: session, newOwner: snapshot.newOwner.name, rdsIAM: request.rdsIAMRole,
        server: snapshot.server, moves: try moves())
      facts.powers.formUnion(try await reach.holdings())
      facts.powers.formUnion(snapshot.graph.roles(of: snapshot.newOwner.name))
      facts.powers.remove(request.rdsIAMRole)
    }
    if request.spansDatabases { facts.powers.formUnion(try await ownersElsewhere()) }
    facts.reach = try await reach(facts, snapshot)
    facts.creates = try await creates(facts, snapshot)
    facts.rolesWithMore = try await rolesWithMore(facts, snapshot)
    return facts
  }

  /// Somebody can log in as it, or as its member, who is not above all that.
  private func isUsed(_ owner: String, _ snapshot: CatalogSnapshot) -> Bool {
    guard snapshot.roles[owner]?.isSuperuser == false, !owner.hasPrefix("pg_") else { return false }
    return ([owner] + snapshot.graph.allMembers(of: owner)).contains { name in
      guard let role = snapshot.roles[name] else { return false }
      return role.canLogin && !role.isSuperuser && name != request.iamUser
        && !request.keepAccess.contains(name)
    }
  }

  private func reach(_ facts: InterimFacts, _ snapshot: CatalogSnapshot) async throws -> [String: Set<String>]
  {
    let targets = facts.powers.union(facts.owners).union([snapshot.newOwner.name])
      .union(snapshot.schemas.map(\.owner)).union(facts.owners.flatMap { snapshot.graph.roles(of: $0) })
    let rows = try await session.query(
      """
      SELECT a.rolname, b.rolname FROM pg_roles a, pg_roles b
      WHERE a.rolname = ANY($1::name[]) AND b.rolname = ANY($2::name[]) AND pg_has_role(a.oid, b.oid, 'USAGE')
      """, [arrayLiteral(facts.owners.union([request.iamUser])), arrayLiteral(targets)])
    return grouped(rows)
  }

  private func creates(_ facts: InterimFacts, _ snapshot: CatalogSnapshot) async throws -> [String: Set<
    String
  >] {
    let rows = try await session.query(
      """
      SELECT r.rolname, n.nspname FROM pg_roles r, pg_namespace n
      WHERE r.rolname = ANY($1::name[]) AND n.nspname = ANY($2::name[]) AND has_schema_privilege(r.oid, n.oid, 'CREATE')
      """, [arrayLiteral(facts.owners), arrayLiteral(snapshot.schemas.map(\.identifier.name))])
    return grouped(rows)
  }

  /// Other databases, and other schemas of this one.
  private func rolesWithMore(_ facts: InterimFacts, _ snapshot: CatalogSnapshot) async throws -> Set<String> {
    let rows = try await session.query(
      """
      SELECT r.rolname FROM pg_roles r WHERE r.rolname = ANY($1::name[]) AND (
        EXISTS (SELECT FROM pg_shdepend s JOIN pg_database d ON d.datname = current_database()
          WHERE s.refclassid = 'pg_authid'::regclass AND s.refobjid = r.oid AND s.deptype IN ('o', 'a')
          AND CASE WHEN s.dbid = 0 THEN s.classid IN ('pg_database'::regclass, 'pg_tablespace'::regclass)
            AND s.deptype = 'o' ELSE s.dbid <> d.oid END)
        OR EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relowner = r.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname <> ALL($2::name[])
          AND n.nspname !~ '^pg_'))
      """,
      [
        arrayLiteral(facts.owners.union([snapshot.newOwner.name])),
        arrayLiteral(snapshot.schemas.map(\.identifier.name)),
      ])
    return Set(rows.map { rows.text($0, 0) })
  }

  /// Whose objects the same new owner may get in other databases.
  private func ownersElsewhere() async throws -> Set<String> {
    let rows = try await session.query(
      """
      SELECT DISTINCT r.rolname FROM pg_shdepend s JOIN pg_roles r ON r.oid = s.refobjid
      JOIN pg_database d ON d.oid = s.dbid AND d.datallowconn AND NOT d.datistemplate
        AND d.datname NOT IN ('rdsadmin', current_database())
      WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype = 'o'
      """)
    return Set(rows.map { rows.text($0, 0) })
  }

  private func grouped(_ rows: ResultSet) -> [String: Set<String>] {
    var found: [String: Set<String>] = [:]
    for row in 0..<rows.count { found[rows.text(row, 0), default: []].insert(rows.text(row, 1)) }
    return found
  }
}
