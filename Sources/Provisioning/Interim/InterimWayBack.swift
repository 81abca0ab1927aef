internal import Postgres

/// Who goes on working on everything while revert gives it back.
///
/// The former owners become members of an owner role. Where the IAM user itself is the owner this would end their
/// passwords, so there the IAM user becomes a member of them. Nobody reaches by it what it did not reach before
/// the move, or since.
struct InterimWayBack {
  let session: Session
  let server: ServerFacts
  let roles: [String: RoleFacts]
  let graph: MembershipGraph
  let rdsIAMRole: String

  /// Objects go back from the one to the other.
  private struct Pair: Hashable {
    var current: String
    var former: String
  }

  /// What they could reach.
  private struct Facts {
    var reach: [String: Set<String>]
    var rolesWithMore: Set<String>
    /// Whose things the current owners have.
    var holdings: [String: Set<String>] = [:]
  }

  /// - Parameter changes: what goes back.
  /// - Returns: the changes that begin it, and who has to do without.
  func plan(for changes: [Change]) async throws -> (changes: [Change], losses: [Loss]) {
    var pairs: Set<Pair> = []
    var kept: Set<Pair> = []
    for change in changes {
      guard case .alterOwner(let object, let owner) = change.action else { continue }
      let pair = Pair(current: object.owner, former: owner.name)
      pairs.insert(pair)
      if change.wayBack?.grantedRoles.contains(owner.name) == true { kept.insert(pair) }
    }
    let working = Set(changes.compactMap(Self.pairOfWork))
    guard !working.isEmpty else { return ([], []) }
    let facts = try await facts(pairs, changes)
    var planned: [Change] = []
    var losses: [Loss] = []
    for pair in working.sorted(by: {
      [$0.current, $0.former].lexicographicallyPrecedes([$1.current, $1.former])
    }) {
      guard let owner = roles[pair.current], let former = roles[pair.former], !former.isSuperuser,
        !owner.isSuperuser, !former.name.hasPrefix("pg_"),
        facts.reach[former.name]?.contains(owner.name) != true
      else { continue }
      let signsIn = graph.isMember(owner.name, of: rdsIAMRole)
      // Who has a grant on everything works as it is.
      if signsIn, kept.contains(pair) || facts.reach[owner.name]?.contains(former.name) == true { continue }
      let (member, role) = signsIn ? (owner, former) : (former, owner)
      if let reason = obstacle(member, role, facts, signsIn: signsIn) {
        losses.append(loss(former, owner, reason))
      } else {
        let membership = InterimMembership(role: role.identifier, member: member.identifier)
        planned.append(membership.beginning(until: "everything is back", server))
      }
    }
    return (planned, losses)
  }

  /// Nobody works on schemas and databases, which have something in them.
  private static func pairOfWork(_ change: Change) -> Pair? {
    guard case .alterOwner(let object, let owner) = change.action, object.kind != .schema,
      object.kind != .database
    else { return nil }
    return Pair(current: object.owner, former: owner.name)
  }

  private func facts(_ pairs: Set<Pair>, _ changes: [Change]) async throws -> Facts {
    let names = Set(pairs.flatMap { [$0.current, $0.former] })
    let schemas = Set(changes.compactMap { $0.action.target }.compactMap { $0.schema?.name ?? $0.name.name })
    let reach = InterimReach(session: session)
    var facts = Facts(
      reach: [:], rolesWithMore: try await reach.withMore(names, than: schemas))
    // Whoever signs in, and so becomes a member of a former owner, has nothing of what that one owns by now.
    let formers = Set(pairs.filter { graph.isMember($0.current, of: rdsIAMRole) }.map(\.former))
    facts.rolesWithMore.formUnion(try await reach.stillHolding(formers, outside: schemas))
    for current in Set(pairs.map(\.current)) where !graph.isMember(current, of: rdsIAMRole) {
      let inspector = ReachInspector(
        session: session, newOwner: current, rdsIAM: rdsIAMRole, server: server,
        moves: JournaledMoves(givenBackBy: changes))
      let formers = pairs.filter { $0.current == current && !isSchemaOfDatabaseOwner($0, changes) }.map(
        \.former)
      facts.holdings[current] = try await inspector.holdings().union(formers).filter { name in
        !name.hasPrefix("pg_") && roles[name]?.isSuperuser != true
      }
    }
    facts.reach = try await reach.privileges(
      of: names,
      among: names.union(facts.holdings.values.joined()).union(names.flatMap { graph.roles(of: $0) }))
    return facts
  }

  /// All that goes back to it is schemas, and it owns the database: everybody has used them.
  private func isSchemaOfDatabaseOwner(_ pair: Pair, _ changes: [Change]) -> Bool {
    pair.former == server.databaseOwner
      && changes.allSatisfy { change in
        guard case .alterOwner(let object, let owner) = change.action, object.owner == pair.current,
          owner.name == pair.former
        else { return true }
        return object.kind == .schema
      }
  }

  /// Why there is no such membership; nil: there is one.
  private func obstacle(_ member: RoleFacts, _ role: RoleFacts, _ facts: Facts, signsIn: Bool) -> String? {
    let (shownMember, shown) = (member.identifier.display, role.identifier.display)
    if !member.inherits, !server.hasMembershipOptions {
      return "\(shownMember) is NOINHERIT, and could use a membership of \(shown) only after SET ROLE"
    }
    let above = graph.roles(of: role.name)
    if !role.attributes.isEmpty || above.contains(where: { RoleName(name: $0, flag: "").systemPrefix != nil })
    {
      return "\(shown) has power over the server, which \(shownMember) must not get"
    }
    if graph.isMember(role.name, of: member.name) {
      return "\(shown) is a member of \(shownMember), which cannot become its member as well"
    }
    if signsIn {
      let isMore =
        facts.rolesWithMore.contains(role.name)
        || above.contains { $0 != role.name && facts.reach[member.name]?.contains($0) != true }
      return isMore ? "\(shown) has more than what goes back, which \(shownMember) must not get" : nil
    }
    let others = (facts.holdings[role.name] ?? []).union(above).subtracting([member.name])
    let beyond = others.filter { $0 != role.name && facts.reach[member.name]?.contains($0) != true }.sorted()
    if let first = beyond.first {
      return
        "as a member of \(shown) \(shownMember) would reach what is not its own, but \(Identifier.display(first))'s"
    }
    if others.contains(role.name) || facts.rolesWithMore.contains(role.name) {
      return "\(shown) has more than what goes back, which \(shownMember) must not get"
    }
    return nil
  }

  private func loss(_ former: RoleFacts, _ owner: RoleFacts, _ reason: String) -> Loss {
    let (former, owner) = (former.identifier, owner.identifier)
    return Loss(
      .meanwhile, former.name,
      "while revert runs, \(former.display) gets one object back after the other, and \(owner.display) loses them: neither "
        + "can work on all of them before it ends. \(reason)")
  }
}
