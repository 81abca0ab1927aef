public import Postgres

/// Works out from a journal what undoes it, given how things are now.
public struct RevertPlanner: Sendable {
  let session: Session
  let journal: String
  let request: SetupRequest

  /// What a plan is about.
  public enum Scope: Sendable {
    /// The objects of this session's database.
    case objects
    /// Those, and the roles, memberships and settings of all databases.
    case everything
    /// The same when nothing is left to undo in any other database.
    case allThatIsLeft
    /// Roles, memberships and settings, when everything else has been undone.
    case roles
  }

  /// - Parameter journal: the path of the file that apply wrote.
  public init(session: Session, journal: String, request: SetupRequest) {
    self.session = session
    self.journal = journal
    self.request = request
  }

  /// The databases a journal speaks of, in the order in which they have to be reverted.
  ///
  /// - Throws: `SetupProblem` when the file is not a journal, or not one of this session's database.
  public func databases() async throws -> [JournaledDatabase] {
    try await session.execute(TransactionSettings.session)
    let server = try await ServerInspector(session: session).facts()
    return try await JournalHistory(journal, server, session).databases.reversed()
  }

  /// The plan that undoes the journal; its notes say what somebody has changed since.
  public func plan(_ scope: Scope = .everything) async throws -> Plan {
    try await rest(scope).plan
  }

  /// - Returns: also what of the journal stays as it is, to be undone another time.
  func rest(_ scope: Scope) async throws -> (plan: Plan, kept: [JournaledChange]) {
    try await session.execute(TransactionSettings.session)
    let server = try await ServerInspector(session: session).facts()
    let history = try await JournalHistory(journal, server, session)
    var request = request
    if let begin = history.begin(of: server.databaseOID) {
      request.iamUser = begin.iamUser
      request.rdsIAMRole = begin.rdsIAMRole
    }
    var plan = Plan(server: server, host: session.host, port: session.port, request: request)
    plan.iamMembersBefore = try await LockoutGuard.loginMembers(of: request.rdsIAMRole, session)
    let roles = try await RoleInspector(session: session).roles(readPasswords: false)
    let all = try await history.changes(in: Set(history.databases.map(\.oid)))
    if scope != .roles {
      try await objects(of: all, history, roles, &plan)
    }
    var kept: [JournaledChange] = []
    if scope != .objects {
      let undo = UndoRoles(
        session: session, server: server, roles: roles,
        memberships: try await MembershipRow.all(explicitOptions: server.hasMembershipOptions, session),
        databases: Set(history.databases.map(\.oid)),
        atEnd: scope == .roles || (scope == .allThatIsLeft && plan.changes.isEmpty))
      kept = try await undo.plan(all, &plan)
    }
    if scope == .everything || scope == .allThatIsLeft {
      for database in history.databases where database.name == nil {
        if all.contains(where: { $0.databaseOID == database.oid }) {
          plan.notes.append(
            "database \(Identifier.display(database.journaled)) no longer exists: there is nothing to undo in it"
          )
        }
      }
    }
    plan.locks = LockBudget(server: server, request: request).estimate(for: plan.changes)
    return (plan, kept)
  }

  private func objects(
    of all: [PastChange], _ history: JournalHistory, _ roles: [String: RoleFacts], _ plan: inout Plan
  ) async throws {
    let server = plan.server
    let changes = all.filter { $0.databaseOID == server.databaseOID }
    let undo = Undo(session: session, server: server, roles: roles, grants: DefaultGrants(changes))
    let ways = Undo.ways(changes)
    var objects = plan
    objects.notes = []
    let orphans = try await undo.owners(ways, &objects)
    let holdings = history.holdings(in: server.databaseOID)
    // An older journal does not tell what was there before.
    if holdings != nil { try await ActingObjects(session: session).removeRewritten(ways, from: &objects) }
    let created = Set(
      all.filter { change in
        change.undo == .dropRole && change.role?.name.flatMap { roles[$0]?.oid } == change.journaled.roleOID
      }.compactMap(\.role?.name))
    if !changes.isEmpty {
      let code = NewCode(
        undo: undo, ways: ways, created: created, runs: history.called(in: server.databaseOID))
      let called = try await code.remove(from: &objects)
      let access = AccessInspector(session: session, request: plan.request)
      try await HandOver(
        undo: undo, ways: ways, created: created,
        holdings: holdings, code: code, called: called,
        defaults: try await access.defaultPrivileges()
      )
      .plan(orphans, &objects)
      try await CreatedSince(undo: undo, ways: ways, created: created).plan(&objects)
    }
    let interim = InterimWayBack(
      session: session, server: server, roles: roles,
      graph: try await RoleInspector(session: session).graph(),
      rdsIAMRole: plan.request.rdsIAMRole)
    let (memberships, losses) = try await interim.plan(for: objects.changes)
    plan.changes += memberships
    plan.losses += losses
    plan.notes += losses.map(\.text)
    try await undo.defaults(changes, &plan)
    plan.changes += objects.changes
    plan.notes += objects.notes
  }
}
