public import Postgres

/// Runs a plan that undoes a journal: rds_iam first, then privileges and owners, roles last.
public struct Revert: Sendable {
  let session: Session
  let plan: Plan
  let journal: Journal
  let observer: any SetupObserver
  let interruption: any Interruption
  /// Another database of the same run is not done yet, and may need the roles.
  let keepsRoles: Bool

  public init(
    session: Session, plan: Plan, journal: Journal, observer: any SetupObserver,
    interruption: any Interruption, keepsRoles: Bool = false
  ) {
    self.keepsRoles = keepsRoles
    self.session = session
    self.plan = plan
    self.journal = journal
    self.observer = observer
    self.interruption = interruption
  }

  /// - Throws: `SetupProblem` when a guard does not hold; `PostgresError` when the connection is lost.
  public func run() async throws -> BatchOutcome {
    var outcome = BatchOutcome(total: 0)
    let lockout = LockoutGuard(
      request: plan.request, before: plan.iamMembersBefore,
      mayConnect: try await LockoutGuard.connecting(session).subtracting(plan.revertedRoles))
    let transaction = Transaction(
      session: session, server: plan.server, lockTimeout: plan.request.lockTimeout, lockout: lockout,
      journal: nil, roundTrip: try await session.roundTrip())
    for step in [StepID.rdsIAM, .defaultPrivileges, .ownership, .ownerRole] {
      let changes = plan.changes.filter { $0.step == step }
      guard !changes.isEmpty else { continue }
      if interruption.isRequested { outcome.interrupted = true }
      guard !outcome.interrupted, outcome.left.isEmpty, !(keepsRoles && step == .ownerRole) else {
        // Roles that still own something, or whose members still need it, stay until the rest is done.
        outcome.total += changes.count
        continue
      }
      if step == .ownership {
        let runner = BatchRunner(
          transaction: transaction, budget: LockBudget(server: plan.server, request: plan.request),
          step: .ownership,
          observer: observer, interruption: interruption)
        for containment in [2, 1, 0] {
          let part = changes.filter { $0.containment == containment }
          if outcome.left.isEmpty, !outcome.interrupted {
            if !part.isEmpty { outcome.add(try await runner.run(part)) }
          } else {
            outcome.total += part.count
          }
        }
      } else {
        outcome.add(try await atOnce(changes, transaction))
      }
    }
    try await lockout.check([], session)
    if outcome.isComplete {
      try journal.append(JournalRecord(reverted: .init(database: plan.server.database)))
    }
    return outcome
  }

  /// One transaction; what the server refuses (a role that something depends on by now) is left for a later run.
  private func atOnce(_ changes: [Change], _ transaction: Transaction) async throws -> BatchOutcome {
    observer.receive(.began(step: changes[0].step, total: changes.count))
    var outcome = BatchOutcome(total: changes.count)
    var remaining = changes
    while !remaining.isEmpty {
      do {
        outcome.notices += try await transaction.run(remaining).notices
        outcome.done += remaining.count
        remaining = []
      } catch let failure as Transaction.Failure {
        guard case .refused(let index, let reason) = failure else { throw Apply.problem(failure, remaining) }
        outcome.left.append(LeftBehind(remaining.remove(at: index), reason: reason))
      }
    }
    observer.receive(.progressed(step: changes[0].step, done: outcome.done, total: outcome.total))
    return outcome
  }
}

extension Plan {
  /// Roles that lose what setup gave them: their CONNECT may have been a part of it.
  fileprivate var revertedRoles: Set<String> {
    var roles: Set<String> = [request.iamUser]
    for change in changes {
      switch change.action {
      case .dropRole(let role): roles.insert(role.name)
      case .restoreMembership(_, _, _, let member): roles.insert(member.name)
      default: roles.formUnion(change.touchesDatabase ? change.grantedRoles : [])
      }
    }
    return roles
  }
}
