public import Postgres

/// Reads a database and works out what setup would do to it.
public struct Planner: Sendable {
  let session: Session
  let request: SetupRequest
  /// Roles that the journal shows setup to have created.
  let createdRoles: [CreatedRole]
  /// Where earlier runs have written what they did; nil: there were none.
  let journal: String?
  /// What the journal shows earlier runs to have moved; asked only where it matters.
  let moves: @Sendable () throws -> JournaledMoves

  public init(
    session: Session, request: SetupRequest, createdRoles: [CreatedRole] = [],
    journal: String? = nil,
    moves: @escaping @Sendable () throws -> JournaledMoves = { JournaledMoves() }
  ) {
    self.moves = moves
    self.journal = journal
    self.session = session
    self.request = request
    self.createdRoles = createdRoles
  }

  /// - Throws: `SetupProblem` when what was asked for cannot be done; `PostgresError` when reading fails.
  public func plan() async throws -> Plan {
    try await session.execute(TransactionSettings.session)
    var request = request
    let inspector = CatalogInspector(session: session, request: request, moves: moves, journal: journal)
    let snapshot = try await inspector.snapshot()
    if let user = snapshot.roles[request.iamUser],
      createdRoles.contains(where: { $0.isRole(user, on: snapshot.server) })
    {
      request.adoptIAMUser = true
    }
    var plan = Plan(server: snapshot.server, host: session.host, port: session.port, request: request)
    plan.iamMembersBefore = snapshot.loginMembers(of: request.rdsIAMRole)
    for step in SetupSteps.all {
      let outcome = try step.outcome(of: snapshot, for: request)
      plan.changes += outcome.changes
      plan.guards += outcome.guards
      plan.missing += outcome.missing
      plan.skipped += outcome.skipped
      plan.notes += outcome.notes + outcome.losses.map(\.text)
      plan.losses += outcome.losses
      plan.powerChanges += outcome.powerChanges
      plan.foreignCode += outcome.foreignCode
    }
    plan.locks = LockBudget(server: snapshot.server, request: request).estimate(for: plan.changes)
    try await probe(snapshot, &plan)
    return plan
  }

  private func probe(_ snapshot: CatalogSnapshot, _ plan: inout Plan) async throws {
    let rehearsal = Rehearsal(session: session, snapshot: snapshot, request: plan.request)
    var outcome = plan.changes.isEmpty ? Rehearsal.Outcome() : try await rehearsal.run(plan.changes)
    if InterimRehearsal(snapshot: snapshot, outcome: outcome).leaveOut(of: &plan) {
      outcome = try await rehearsal.run(plan.changes)
    }
    plan.loans = outcome.loans
    plan.lockedOutQuery = LockoutGuard(request: plan.request, before: plan.iamMembersBefore).lockedOut
    let capabilities = CapabilityReport(snapshot: snapshot, request: plan.request)
    withoutDefaults(&outcome, snapshot, &plan)
    withoutConveniences(&outcome, snapshot, &plan)
    plan.missing = capabilities.ordered(
      capabilities.missing(outcome, changes: plan.changes) + plan.missing, changes: plan.changes)
    plan.guards += capabilities.guards(outcome, plan)
  }

  /// A role that this login cannot speak for lets the new owner use its new objects itself, or nobody does.
  private func withoutDefaults(
    _ outcome: inout Rehearsal.Outcome, _ snapshot: CatalogSnapshot, _ plan: inout Plan
  ) {
    let creators = Set(plan.changes.compactMap(\.creator))
    var needed = Set(plan.changes.lazy.filter { $0.creator == nil }.flatMap(\.rolesNeeded))
    if needed.contains("pg_database_owner") { needed.insert(snapshot.server.databaseOwner) }
    let lacking = outcome.notBorrowed.map(\.role).filter {
      creators.contains($0.name) && !needed.contains($0.name) && $0.name != snapshot.newOwner.name
    }
    guard !lacking.isEmpty else { return }
    let names = Set(lacking.map(\.name))
    outcome.notBorrowed.removeAll { names.contains($0.role.name) }
    plan.changes.removeAll { $0.creator.map(names.contains) ?? false }
    let losses = lacking.map { Loss(newObjectsOf: $0, snapshot) }
    plan.losses += losses
    plan.notes += losses.map(\.text)
  }

  /// Leaves out what the server refuses and the move does not depend on, and says what to do instead.
  private func withoutConveniences(
    _ outcome: inout Rehearsal.Outcome, _ snapshot: CatalogSnapshot, _ plan: inout Plan
  ) {
    let needsAdministrator =
      outcome.refused.contains { $0.change.grantsIAM }
      || outcome.lockouts.contains { $0.first == snapshot.server.user }
    guard !needsAdministrator, let index = outcome.refused.firstIndex(where: \.change.isConvenience) else {
      return
    }
    let error = outcome.refused.remove(at: index).error
    plan.changes.removeAll(where: \.isConvenience)
    plan.loginRoleIsRefused = true
    plan.notes.append(
      "\(snapshot.iamUser.display) does not become \(snapshot.newOwner.display) by itself on login, because "
        + "\(snapshot.operatorRole.display) may not set that (\(error.message)). What it creates would be its own: have it "
        + "run SET ROLE \(snapshot.newOwner.quoted), or connect with options='-c role=\(snapshot.newOwner.name)'"
    )
  }
}
