internal import Postgres

/// Looks once more, after the COMMIT of a membership, whether a GRANT that was open meanwhile has led a password login
/// into rds_iam, and takes setup's own grant back if so.
///
/// No query shows what another session has granted and not committed. Where setup cannot lock the roles
/// (`MembershipFence`: PostgreSQL 15 and older, roles that this login does not administer) two GRANTs that are harmless
/// each, and committed one after the other, may lock somebody out together.
struct MembershipWatch {
  let session: Session
  let server: ServerFacts
  let lockout: LockoutGuard
  let lockTimeout: Duration
  let observer: any SetupObserver

  /// A membership that setup has added, and the member's rows for that role before.
  struct Edge {
    var role: String
    var member: String
    var former: [MembershipRow]
    /// For a run that goes on alone.
    var isInterim: Bool
  }

  /// Who is waited for, and what was found, in the end.
  private enum Finding: Error {
    case lockedOut([[String]])
    case stillOpen([Blocker])
  }

  /// How many lock timeouts an open transaction is waited for.
  private static let patience = 5
  private static let pause: Duration = .milliseconds(50)
  /// How often a REVOKE that meets somebody else's lock is tried.
  private static let attempts = 5

  /// Waits until nobody has changed memberships without having committed, before setup does.
  ///
  /// - Throws: `SetupProblem` with who they are when they do not end.
  func waitBefore() async throws {
    let open = try await waitForOpen()
    guard !open.isEmpty else { return }
    throw SetupProblem(
      .refused, "memberships-in-change", "open transactions may change memberships: \(Self.list(open))",
      why: "what they grant cannot be seen, and could lock somebody out together with what setup grants; "
        + "nothing of this step was committed",
      fix: "run the same command again when they have ended")
  }

  /// Looks, and lets the journal know that these transactions need no further look.
  ///
  /// - Parameter ended: interim memberships that ended in them, and go on when the IAM user does not sign in after all.
  func settle(
    _ edges: [Edge], ended: [InterimMembership], _ transactions: [(database: String, number: String)],
    _ journal: Journal?
  ) async throws -> [String] {
    func note() throws {
      for (database, number) in transactions {
        try journal?.append(
          JournalRecord(
            batch: .init(database: database, transaction: number, changes: [], watched: false)))
      }
    }
    observer.receive(.settling(statements: try await statements(edges)))
    do {
      let notices = try await lookAfterwards(edges) { try await takeBack(edges, ended, $0, journal) }
      try note()
      observer.receive(.settled(takenBack: 0))
      return notices
    } catch let problem as SetupProblem where problem.id != Self.notTakenBack {
      try note()
      throw problem
    }
  }

  private func statements(_ edges: [Edge]) async throws -> [String] {
    var statements: [String] = []
    for edge in edges {
      let (role, member) = (
        try await session.identifier(edge.role), try await session.identifier(edge.member)
      )
      statements.append(Action.grantRole(role: role, member: member, explicitOptions: false).sql)
    }
    return statements
  }

  private static let notTakenBack = "lock-out-stays"

  /// - Parameters:
  ///   - edges: what may be taken back; what is part of a path to rds_iam goes.
  ///   - takeBack: does that.
  /// - Returns: what could not be waited for.
  /// - Throws: `SetupProblem` after setup's own grant was taken back.
  private func lookAfterwards(
    _ edges: [Edge], takeBack: (Finding) async throws -> SetupProblem
  ) async throws -> [String] {
    let open = try await waitForOpen()
    let lockouts = try await lockout.lockouts(session)
    guard lockouts.isEmpty else { throw try await takeBack(.lockedOut(lockouts)) }
    guard open.isEmpty else {
      // Where roles can be locked, setup has locked all but a few, and most of these have nothing to do with them.
      guard server.hasMembershipOptions else { throw try await takeBack(.stillOpen(open)) }
      return [
        "open transactions may change who is a member of \(Identifier.display(lockout.rdsIAMRole)): "
          + "\(Self.list(open)); setup verify looks again"
      ]
    }
    return []
  }

  /// Waits for the transactions that are open at this moment and have changed `pg_auth_members` or `pg_authid`, in
  /// whatever database, and returns those that do not end.
  private func waitForOpen() async throws -> [Blocker] {
    try await Self.waitForOpen(Self.anyChange, patience: lockTimeout * Self.patience, session) {
      observer.receive(.watching(blockers: $0))
    }
  }

  private static func waitForOpen(
    _ condition: String, patience: Duration, _ session: Session, _ report: ([Blocker]) -> Void = { _ in }
  ) async throws -> [Blocker] {
    let deadline = ContinuousClock.now + patience
    var open = try await LockHolders.named(condition, session)
    if !open.isEmpty { report(sorted(open)) }
    while !open.isEmpty, ContinuousClock.now < deadline {
      try await Task.sleep(for: pause)
      let now = try await LockHolders.named(condition, session)
      open = open.filter { now[$0.key] != nil }
    }
    return sorted(open)
  }

  /// Who may be about to change the members of these roles and does not end: as exactly as this server can tell.
  static func openChanges(
    of roles: [String], _ server: ServerFacts, _ session: Session, patience: Duration = .zero
  ) async throws -> [Blocker] {
    var condition = anyChange
    if server.hasMembershipOptions {
      let names = try await session.literal(arrayLiteral(roles))
      condition = """
        l.locktype = 'object' AND l.classid = 'pg_authid'::regclass AND l.mode = 'ShareUpdateExclusiveLock'
          AND l.objid IN (
            WITH RECURSIVE tree(oid) AS (
              SELECT oid FROM pg_roles WHERE rolname = ANY(\(names)::name[])
              UNION SELECT a.member FROM pg_auth_members a JOIN tree t ON a.roleid = t.oid)
            SELECT oid FROM tree)
        """
    }
    return try await waitForOpen(condition, patience: patience, session)
  }

  /// Changing a row takes this lock on its catalog and keeps it until the transaction ends.
  private static let anyChange = """
    l.locktype = 'relation' AND l.database = 0 AND l.mode = 'RowExclusiveLock'
      AND l.relation IN ('pg_auth_members'::regclass, 'pg_authid'::regclass)
    """

  /// - Returns: the problem to report.
  private func takeBack(
    _ edges: [Edge], _ ended: [InterimMembership], _ found: Finding, _ journal: Journal?
  ) async throws -> SetupProblem {
    var edges = edges
    if case .lockedOut(let paths) = found {
      edges.removeAll { edge in
        !edge.isInterim
          && !paths.contains { path in
            zip(path, path.dropFirst()).contains { $0 == edge.member && $1 == edge.role }
          }
      }
    }
    var statements: [String] = []
    let rows = try await MembershipRow.all(explicitOptions: server.hasMembershipOptions, session)
    for edge in edges {
      let role = try await session.identifier(edge.role)
      let member = try await session.identifier(edge.member)
      for row in rows where row.role == edge.role && row.member == edge.member {
        let former = edge.former.first { $0.grantor == row.grantor }
        if let statement = row.undo(former, role, member) { statements.append(statement) }
      }
    }
    let signsIn = !edges.contains { $0.role == lockout.rdsIAMRole }
    let goOn = signsIn || statements.isEmpty ? [] : ended.map { $0.beginning(until: "", server) }
    if !statements.isEmpty { try await run(statements, goOn, journal) }
    observer.receive(.settled(takenBack: statements.count))
    return problem(found, statements)
  }

  /// - Parameter goOn: changes that are journaled; none of them may lead into rds_iam.
  private func run(_ statements: [String], _ goOn: [Change], _ journal: Journal?) async throws {
    var assertions: [String] = []
    for membership in goOn.compactMap(\.interimMembership) {
      let (role, iam) = (membership.role.name, lockout.rdsIAMRole)
      assertions.append(
        GuardAssertion.statement(
          "NOT pg_has_role(\(try await session.literal(role)), \(try await session.literal(iam)), 'MEMBER')"))
    }
    for attempt in 1...Self.attempts {
      do {
        let number = try await session.execute(
          "\(TransactionSettings.begin(server, lockTimeout: lockTimeout)); SELECT txid_current()"
        ).last?.text(0, 0)
        if !goOn.isEmpty, let number {
          let changes = goOn.compactMap { JournaledChange($0, FormerState()) }
          try journal?.append(
            JournalRecord(batch: .init(database: server.database, transaction: number, changes: changes)))
        }
        try await session.execute(
          (statements + goOn.map(\.sql) + assertions + ["COMMIT"]).joined(separator: ";\n"))
        return
      } catch let error as PostgresError where !error.connectionLost {
        try await session.execute("ROLLBACK")
        guard error.isLockConflict, attempt < Self.attempts else {
          throw SetupProblem(
            .refused, Self.notTakenBack,
            "setup could not take back what locks somebody out: \(error.description)",
            why: "it was granted together with another session's GRANT, which was open meanwhile",
            fix: "run this at once: \(statements.joined(separator: "; "))")
        }
      }
    }
  }

  private func problem(_ found: Finding, _ statements: [String]) -> SetupProblem {
    let undone =
      statements.isEmpty
      ? "setup itself has granted none of it"
      : "setup has taken its own grant back (\(statements.joined(separator: "; ")))"
    switch found {
    case .lockedOut(let paths):
      let shown = paths.map { $0.map(Identifier.display).joined(separator: " → ") }.joined(separator: "; ")
      return SetupProblem(
        .refused, "lock-out", "somebody would be locked out: \(shown)",
        why: "another session's GRANT, open while setup granted, was committed after it; \(undone)",
        fix: "take the other membership back, or leave it out, and run the same command again")
    case .stillOpen(let open):
      return SetupProblem(
        .refused, "memberships-in-change", "open transactions may change memberships: \(Self.list(open))",
        why: "what they grant cannot be seen, and could lock somebody out; \(undone)",
        fix: "run the same command again when they have ended")
    }
  }

  private static func sorted(_ open: [String: Blocker]) -> [Blocker] {
    open.values.sorted { ($0.pid ?? .max, $0.prepared ?? "") < ($1.pid ?? .max, $1.prepared ?? "") }
  }

  private static func list(_ open: [Blocker]) -> String { open.map(\.summary).joined(separator: "; ") }
}
