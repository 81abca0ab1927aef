internal import Postgres

/// Who goes on working on everything while revert gives it back.
///
/// The former owners become members of an owner role. Where the IAM user itself is the owner this would end their
/// passwords, so there the IAM user becomes a member of them, unless that would give it power over the server.
struct InterimWayBack {
  let session: Session
  let server: ServerFacts
  let roles: [String: RoleFacts]
  let graph: MembershipGraph
  let rdsIAMRole: String

  /// - Parameter changes: what goes back.
  func plan(for changes: [Change]) async throws -> (changes: [Change], losses: [Loss]) {
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
    guard !wanted.isEmpty else { return ([], []) }
    var planned: [Change] = []
    var losses: [Loss] = []
    let powers = try await powers(wanted.flatMap { $0 })
    for (pair, facts) in zip(wanted, try await relations(wanted)) {
      let (current, former) = (pair[0], pair[1])
      guard let owner = roles[current], let role = roles[former], !role.isSuperuser, !owner.isSuperuser,
        !former.hasPrefix("pg_"), !facts.isAble
      else { continue }
      let signsIn = graph.isMember(current, of: rdsIAMRole)
      if signsIn {
        // Who has a grant on everything works as it is.
        guard !kept.contains(pair), !facts.ownerIsAble else { continue }
        if powers.contains(former) {
          losses.append(
            loss(role, owner, "\(role.identifier.display) has power over the server, which it must not get"))
        } else if !graph.isMember(former, of: current) {
          planned.append(membership(role: role.identifier, member: owner.identifier))
        }
      } else {
        guard !powers.contains(current), !graph.isMember(current, of: former) else { continue }
        planned.append(membership(role: owner.identifier, member: role.identifier))
      }
    }
    return (planned, losses)
  }

  private func loss(_ former: RoleFacts, _ owner: RoleFacts, _ reason: String) -> Loss {
    let (former, owner) = (former.identifier, owner.identifier)
    return Loss(
      .meanwhile, former.name,
      "while revert runs, \(former.display) gets one object back after the other, and \(owner.display) loses them: neither "
        + "can work on all of them before it ends. \(owner.display) does not become a member of \(former.display), because "
        + reason)
  }

  private func membership(role: Identifier, member: Identifier) -> Change {
    InterimMembership(role: role, member: member).beginning(until: "everything is back", server)
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
