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
    let reach = InterimReach(session: session)
    if request.spansDatabases { facts.powers.formUnion(try await reach.ownersElsewhere()) }
    let newOwner = snapshot.newOwner.name
    let others = facts.powers.union(facts.owners).union([newOwner]).union(snapshot.schemas.map(\.owner))
      .union(facts.owners.flatMap { snapshot.graph.roles(of: $0) })
    facts.reach = try await reach.privileges(
      of: facts.owners.union(facts.inForce.map(\.member.name)).union([request.iamUser]), among: others)
    let schemas = snapshot.schemas.map(\.identifier.name)
    facts.creates = try await reach.creates(facts.owners, in: schemas)
    facts.rolesWithMore = try await reach.withMore(facts.owners.union([newOwner]), than: schemas)
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
}
