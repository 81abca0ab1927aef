public import Postgres

/// Runs a plan, and nothing but the plan.
public struct Apply: Sendable {
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

  /// - Throws: `SetupProblem` when a guard does not hold (nothing of that transaction is committed) or the
  ///   journal cannot be written; `PostgresError` when the connection is lost.
  ///
  /// - Parameters:
  ///   - tool: the version, for the journal.
  ///   - earlier: what came of the plans for other databases.
  public func run(tool: String, after earlier: BatchOutcome = BatchOutcome(total: 0)) async throws
    -> BatchOutcome
  {
    var outcome = BatchOutcome(total: 0)
    guard !plan.changes.isEmpty else { return outcome }
    let before = plan.iamMembersBefore
    let lockout = LockoutGuard(
      request: plan.request, before: before, mayConnect: try await LockoutGuard.connecting(session))
    try await lockout.check([], session)
    var begin = begin(tool, before, try await RoleInspector(session: session).numbers())
    begin.owned = try await NewOwnersHoldings.read(plan.newOwner, session)
    begin.called = CalledCode(try await CalledCode.read(session))
    try journal.append(JournalRecord(begin: begin))
    let transaction = Transaction(
      session: session, server: plan.server, lockTimeout: plan.request.lockTimeout, lockout: lockout,
      journal: journal, roundTrip: try await session.roundTrip())
    let interim = InterimWatch(plan: plan, observer: observer)
    interim.begin()
    for steps in StepID.together {
      var changes = plan.changes.filter { steps.contains($0.step) }
      if steps == [.rdsIAM], !outcome.isComplete || !earlier.isComplete {
        outcome.total += interim.putOff(&changes)
      }
      guard !changes.isEmpty else { continue }
      if outcome.interrupted || interruption.isRequested {
        outcome.interrupted = true
        outcome.total += changes.count
        continue
      }
      if steps == [.ownership] {
        outcome.add(try await moveOwners(changes, transaction))
      } else {
        outcome.add(try await atOnce(changes, transaction))
        interim.committed(changes)
      }
    }
    outcome.notices += try await interim.notices(plan.server, session)
    try await lockout.check(plan.changes, session)
    return outcome
  }

  private func moveOwners(_ changes: [Change], _ transaction: Transaction) async throws -> BatchOutcome {
    let runner = BatchRunner(
      transaction: transaction, budget: LockBudget(server: plan.server, request: plan.request),
      step: .ownership,
      observer: observer, interruption: interruption)
    var outcome = BatchOutcome(total: 0)
    for containment in 0...2 {
      for part in Self.movesThenGrants(changes.filter { $0.containment == containment }) {
        if outcome.interrupted {
          outcome.total += part.count
        } else if !part.isEmpty {
          outcome.add(try await runner.run(part))
        }
      }
    }
    let gone = try await GoneObjects.read(outcome.left.map(\.change), session)
    outcome.settle(gone, of: changes)
    return outcome
  }

  /// A sequence's owner changes with its table's. A grant that stands by itself is the new owner's to make, and so waits
  /// until also those tables have changed hands that somebody had locked.
  private static func movesThenGrants(_ changes: [Change]) -> [[Change]] {
    var parts: [[Change]] = [[], []]
    for range in ChangeGroup.ranges(changes) {
      if case .grant = changes[range.lowerBound].action {
        parts[1] += changes[range]
      } else {
        parts[0] += changes[range]
      }
    }
    return parts
  }

  private func atOnce(_ changes: [Change], _ transaction: Transaction) async throws -> BatchOutcome {
    observer.receive(.began(step: changes[0].step, total: changes.count))
    var outcome = BatchOutcome(total: changes.count)
    var remaining = changes
    while !remaining.isEmpty {
      do {
        let step = WholeStep(transaction: transaction, observer: observer, interruption: interruption)
        outcome.notices += try await step.run(remaining).notices
        break
      } catch let failure as Transaction.Failure {
        let gone = try await GoneObjects.read(remaining, session)
        guard failure.indices.contains(where: { gone.contains(remaining[$0]) }) else {
          throw WholeStep.problem(failure, remaining)
        }
        outcome.notices += gone.notices(remaining)
        remaining.removeAll(where: gone.contains)
      }
    }
    outcome.done = changes.count
    observer.receive(.progressed(step: changes[0].step, done: changes.count, total: changes.count))
    return outcome
  }

  private func begin(
    _ tool: String, _ before: Set<String>, _ roles: [String: UInt32]
  ) -> JournalRecord.Begin {
    .init(
      tool: tool, host: plan.host, port: plan.port, systemIdentifier: plan.server.systemIdentifier,
      database: plan.server.database, databaseOID: plan.server.databaseOID, iamUser: plan.request.iamUser,
      rdsIAMRole: plan.request.rdsIAMRole, iamMembersBefore: before.sorted(), roles: roles)
  }
}
