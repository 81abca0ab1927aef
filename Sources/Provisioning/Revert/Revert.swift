public import Postgres

/// Runs a plan that undoes a journal.
///
/// First the objects of each database go back, while memberships see to it that the IAM user or the application it
/// replaced can work on all of them; what the IAM user logs in with goes last.
public struct Revert: Sendable {
  let session: Session
  let plan: Plan
  let journal: Journal
  let observer: any SetupObserver
  let interruption: any Interruption

  public init(
    session: Session, plan: Plan, journal: Journal, observer: any SetupObserver,
    interruption: any Interruption
  ) {
    self.session = session
    self.plan = plan
    self.journal = journal
    self.observer = observer
    self.interruption = interruption
  }

  /// How often objects that are created while others go back are looked for.
  private static let rounds = 3

  /// Gives back what is in the database. What lets somebody connect to it stays.
  ///
  /// - Throws: `SetupProblem` when a guard does not hold; `PostgresError` when the connection is lost.
  public func objects(_ planner: RevertPlanner) async throws -> BatchOutcome {
    try await BorrowedMemberships.forgetWhatLoginSaw(session)
    var outcome = BatchOutcome(total: 0)
    var changes = plan.changes.filter {
      $0.interim == .begins || $0.step == .defaultPrivileges || $0.step == .ownership
    }
    for round in 1...Self.rounds {
      let isLast = round == Self.rounds
      var part = try await objects(changes)
      changes = []
      var changesPlan = part.left.contains { !$0.isLocked }
      if !changesPlan, part.isComplete, !isLast { changesPlan = try await planner.somethingIsNew() }
      if changesPlan, !part.interrupted {
        let now = try await planner.plan(.objects)
        changes = now.changes.filter { $0.containment != 1 }
        part.settle(by: changes, isLast: isLast)
        part.notices += now.notes.filter { !plan.notes.contains($0) && !outcome.notices.contains($0) }
      }
      outcome.add(part)
      let left = Set(outcome.left.map(\.change.subject))
      // What is in a schema goes back before it does.
      changes.removeAll { left.contains($0.subject) || !left.isEmpty && $0.containment == 0 }
      if changes.isEmpty { break }
    }
    outcome.total += changes.count
    if !outcome.isComplete {
      outcome.notices += try await InterimMembership.texts(plan.interimMemberships, plan.server, session).map
      {
        "\($0) for as long as not everything is back: the same command ends that when it is"
      }
    }
    return outcome
  }

  private func objects(_ changes: [Change]) async throws -> BatchOutcome {
    var outcome = BatchOutcome(total: 0)
    let interims = changes.filter { $0.interim == .begins }
    let defaults = changes.filter { $0.step == .defaultPrivileges }
    for part in [interims, defaults] where !part.isEmpty {
      outcome.add(
        try await part.first?.interim == .begins
          ? atOnce(part, transaction(journal), refusalEnds: false) : atOnce(part, transaction(nil)))
    }
    if !interims.isEmpty { observer.receive(.interim(interims.compactMap(\.interimMembership?.text))) }
    let owners = changes.filter { $0.step == .ownership }
    for containment in [2, 0] {
      let part = owners.filter { $0.containment == containment }
      if part.isEmpty { continue }
      outcome.add(try await batches(part, outcome))
    }
    return outcome
  }

  /// Takes back what lets somebody connect to the database.
  public func connections() async throws -> BatchOutcome {
    let part = plan.changes.filter { $0.step == .ownership && $0.containment == 1 }
    return part.isEmpty ? BatchOutcome(total: 0) : try await batches(part, BatchOutcome(total: 0))
  }

  /// Settings, memberships and roles, in one transaction: until it ends, the IAM user logs in.
  public func roles(_ planner: RevertPlanner) async throws -> BatchOutcome {
    let (rest, kept) = try await planner.rest(.roles)
    var outcome = BatchOutcome(total: 0)
    if !rest.changes.isEmpty { outcome.add(try await atOnce(rest.changes, transaction(nil))) }
    outcome.notices += rest.notes.filter { !plan.notes.contains($0) }
    try await lockout().check([], session)
    if outcome.isComplete {
      observer.receive(.interim([]))
      try await planner.close(journal, kept)
    }
    return outcome
  }

  private func batches(_ part: [Change], _ before: BatchOutcome) async throws -> BatchOutcome {
    var outcome = BatchOutcome(total: 0)
    if interruption.isRequested { outcome.interrupted = true }
    guard !outcome.interrupted, !before.interrupted, before.left.isEmpty else {
      outcome.total = part.count
      return outcome
    }
    let runner = BatchRunner(
      transaction: try await transaction(nil), budget: LockBudget(server: plan.server, request: plan.request),
      step: .ownership, observer: observer, interruption: interruption)
    return try await runner.run(part)
  }

  private func lockout() async throws -> LockoutGuard {
    LockoutGuard(
      request: plan.request, before: plan.iamMembersBefore,
      mayConnect: try await LockoutGuard.connecting(session).subtracting(plan.revertedRoles))
  }

  /// - Parameter journal: nil while undoing: what is being undone is in the journal already.
  private func transaction(_ journal: Journal?) async throws -> Transaction {
    Transaction(
      session: session, server: plan.server, lockTimeout: plan.request.lockTimeout,
      lockout: try await lockout(),
      journal: journal, roundTrip: try await session.roundTrip())
  }

  /// One transaction; what the server refuses (a role that something depends on by now) is left for a later run.
  ///
  /// - Parameter refusalEnds: what is refused counts as left.
  private func atOnce(
    _ changes: [Change], _ transaction: Transaction, refusalEnds: Bool = true
  ) async throws -> BatchOutcome {
    var outcome = BatchOutcome(total: changes.count)
    if interruption.isRequested {
      outcome.interrupted = true
      return outcome
    }
    observer.receive(.began(step: changes[0].step, total: changes.count))
    var remaining = changes
    while !remaining.isEmpty {
      do {
        let step = WholeStep(transaction: transaction, observer: observer, interruption: interruption)
        outcome.notices += try await step.run(remaining).notices
        outcome.done += remaining.count
        remaining = []
      } catch let failure as Transaction.Failure {
        guard case .refused(let index, let reason) = failure else {
          throw WholeStep.problem(failure, remaining)
        }
        let refused = remaining.remove(at: index)
        if refusalEnds {
          outcome.left.append(LeftBehind(refused, reason: reason))
        } else {
          outcome.total -= 1
          outcome.notices.append("\(refused.kind) \(refused.object): \(reason)")
        }
      }
    }
    observer.receive(.progressed(step: changes[0].step, done: outcome.done, total: outcome.total))
    return outcome
  }
}

extension BatchOutcome {
  /// Judges by a new plan what was left for another reason than a lock: what does not have to go back any more is done,
  /// and what is called otherwise by now, or has been in the hands of somebody else, can be tried again.
  ///
  /// - Parameters:
  ///   - changes: what still has to be done.
  ///   - isLast: nothing is tried again.
  fileprivate mutating func settle(by changes: [Change], isLast: Bool) {
    let open = Dictionary(changes.map { ($0.subject, $0.sql) }) { first, _ in first }
    var remaining: [LeftBehind] = []
    for left in left {
      if left.isLocked {
        remaining.append(left)
      } else if let statement = open[left.change.subject] {
        if isLast || !left.isStale && statement == left.change.sql { remaining.append(left) }
      } else {
        done += 1
        notices.append("\(left.kind) \(left.object) does not have to go back any more: \(left.reason)")
      }
    }
    left = remaining
    // What has not been tried is in the new plan.
    total = done + left.count
  }
}

extension Change {
  /// What tells whether another change is about the same.
  fileprivate var subject: String { action.target.map { "\($0.catalog) \($0.oid)" } ?? sql }
}

extension Plan {
  /// Roles that lose what setup gave them: their CONNECT may have been a part of it.
  fileprivate var revertedRoles: Set<String> {
    var roles: Set<String> = [request.iamUser]
    for change in changes {
      switch change.action {
      case .dropRole(let role): roles.insert(role.name)
      case .restoreMembership(_, _, _, let member): roles.insert(member.name)
      default: roles.formUnion(change.touchesDatabase ? change.wayBack?.grantedRoles ?? [] : [])
      }
    }
    return roles
  }
}
