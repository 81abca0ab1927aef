internal import Postgres

/// Memberships that last for as long as a revert does, so that somebody can work on everything in the meantime: while
/// objects go back one after the other, some belong to the one owner and some to the other.
///
/// The former owners become members of an owner role. Where the IAM user itself is the owner this would end their
/// passwords, so there the IAM user becomes a member of them, unless that would give it power over the server.
struct Bridge {
  let session: Session
  let server: ServerFacts
  let roles: [String: RoleFacts]
  let graph: MembershipGraph
  let rdsIAMRole: String

  /// - Parameter changes: what goes back.
  func changes(for changes: [Change]) async throws -> [Change] {
    var pairs: Set<[String]> = []
    var kept: Set<[String]> = []
    for change in changes {
      guard case .alterOwner(let object, let owner) = change.action else { continue }
      pairs.insert([object.owner, owner.name])
      if change.wayBack?.grantedRoles.contains(owner.name) == true {
        kept.insert([object.owner, owner.name])
      }
    }
    let wanted = pairs.sorted { $0.lexicographicallyPrecedes($1) }
    guard !wanted.isEmpty else { return [] }
    var planned: [Change] = []
    let powers = try await powers(wanted.flatMap { $0 })
    for (pair, facts) in zip(wanted, try await relations(wanted)) {
      let (current, former) = (pair[0], pair[1])
      guard let owner = roles[current], let role = roles[former], !role.isSuperuser, !owner.isSuperuser,
        !former.hasPrefix("pg_"), !facts.isAble
      else { continue }
      let signsIn = graph.isMember(current, of: rdsIAMRole)
      if signsIn {
        // Who has a grant on everything works as it is.
        guard !kept.contains(pair), !powers.contains(former), !facts.ownerIsAble else { continue }
        guard !graph.isMember(former, of: current) else { continue }
        planned.append(change(role: role.identifier, member: owner.identifier))
      } else {
        guard !powers.contains(current), !graph.isMember(current, of: former) else { continue }
        planned.append(change(role: owner.identifier, member: role.identifier))
      }
    }
    return planned
  }

  private func change(role: Identifier, member: Identifier) -> Change {
    Change(
      step: .ownerRole, sign: .add, kind: "member", object: "\(member.display) of \(role.display)",
      to: "until everything is back",
      action: .grantRole(role: role, member: member, explicitOptions: server.hasMembershipOptions))
  }

  /// Whether the former owner has the privileges of the current one, and the other way round.
  private func relations(_ pairs: [[String]]) async throws -> [(isAble: Bool, ownerIsAble: Bool)] {
    let rows = try await session.query(
      """
      SELECT pg_has_role(f.oid, c.oid, 'USAGE'), pg_has_role(c.oid, f.oid, 'USAGE')
      FROM unnest($1::name[], $2::name[]) WITH ORDINALITY AS p(current, former, number)
      LEFT JOIN pg_roles c ON c.rolname = p.current LEFT JOIN pg_roles f ON f.rolname = p.former
      ORDER BY p.number
      """, [arrayLiteral(pairs.map { $0[0] }), arrayLiteral(pairs.map { $0[1] })])
    return rows.map { (rows.flag($0, 0), rows.flag($0, 1)) }
  }

  /// Roles that can do more than own things.
  private func powers(_ names: [String]) async throws -> Set<String> {
    let rows = try await session.query(
      """
      SELECT r.rolname FROM pg_roles r WHERE r.rolname = ANY($1::name[]) AND (
        r.rolsuper OR r.rolcreaterole OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
        OR EXISTS (SELECT FROM pg_roles p WHERE p.rolname ~ '^(pg_|rds)' AND p.rolname <> 'pg_database_owner'
          AND pg_has_role(r.oid, p.oid, 'MEMBER')))
      """, [arrayLiteral(names)])
    return Set(rows.map { rows.text($0, 0) })
  }
}
