public import Postgres

/// Reads a database and works out what setup would do to it.
public struct Planner: Sendable {
  let session: Session
  let request: SetupRequest
  /// Roles that an earlier plan of the same run creates, or that the journal shows setup to have created.
  let ownRoles: Set<String>

  public init(session: Session, request: SetupRequest, ownRoles: Set<String> = []) {
    self.session = session
    self.request = request
    self.ownRoles = ownRoles
  }

  /// - Throws: `SetupProblem` when what was asked for cannot be done; `PostgresError` when reading fails.
  public func plan() async throws -> Plan {
    try await session.execute(TransactionSettings.session)
    var request = request
    if ownRoles.contains(request.iamUser) { request.adoptIAMUser = true }
    let snapshot = try await CatalogInspector(session: session, request: request).snapshot()
    var plan = Plan(server: snapshot.server, host: session.host, port: session.port, request: request)
    plan.iamMembersBefore = snapshot.loginMembers(of: request.rdsIAMRole)
    for step in SetupSteps.all {
      let outcome = try step.outcome(of: snapshot, for: request)
      plan.changes += outcome.changes
      plan.guards += outcome.guards
      plan.missing += outcome.missing
      plan.skipped += outcome.skipped
      plan.notes += outcome.notes
    }
    plan.locks = LockBudget(server: snapshot.server, request: request).estimate(for: plan.changes)
    try await probe(snapshot, &plan)
    return plan
  }

  private func probe(_ snapshot: CatalogSnapshot, _ plan: inout Plan) async throws {
    let rehearsed = plan.changes.filter { Self.concernsRoles($0) }
    let needed = Self.rolesToBorrow(for: plan.changes, snapshot)
    var outcome = Rehearsal.Outcome()
    if !rehearsed.isEmpty || !needed.isEmpty {
      outcome = try await Rehearsal(session: session, snapshot: snapshot, request: request)
        .run(rehearsed, borrowing: needed)
    }
    let capabilities = CapabilityReport(snapshot: snapshot, request: plan.request)
    plan.missing += capabilities.missing(outcome, changes: plan.changes)
    plan.guards += capabilities.guards(outcome, plan)
  }

  /// Changes that touch role catalogs alone, and can therefore be tried and rolled back.
  static func concernsRoles(_ change: Change) -> Bool {
    switch change.action {
    case .createRole, .grantRole, .setLoginRole: true
    case .grant(_, let object, _): object.kind == .database
    case .alterOwner, .grantByDefault: false
    }
  }

  /// Roles whose privileges the operator lacks and needs for these changes.
  static func rolesToBorrow(for changes: [Change], _ snapshot: CatalogSnapshot) -> [Identifier] {
    guard !snapshot.server.isSuperuser else { return [] }
    var names: [String] = []
    var seen: Set<String> = []
    func need(_ name: String, settable: Bool) {
      let has = snapshot.inherited.contains(name) && (!settable || snapshot.settable.contains(name))
      if !has, seen.insert(name).inserted { names.append(name) }
    }
    for change in changes {
      switch change.action {
      case .alterOwner(let object, let owner):
        need(object.owner, settable: false)
        need(owner.name, settable: true)
      case .grant(_, let object, _) where object.kind != .database: need(snapshot.newOwner.name, settable: true)
      case .grantByDefault(_, let owner): need(owner.name, settable: true)
      default: break
      }
    }
    return names.compactMap { name in
      snapshot.roles[name]?.identifier ?? (name == snapshot.newOwner.name ? snapshot.newOwner : nil)
    }
  }
}
