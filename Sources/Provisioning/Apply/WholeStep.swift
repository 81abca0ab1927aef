internal import Postgres

/// Makes the changes of a step in one transaction: roles, memberships, settings, default privileges.
struct WholeStep {
  let transaction: Transaction
  let observer: any SetupObserver
  let interruption: any Interruption

  /// Runs them, and watches the memberships among them.
  ///
  /// - Throws: `Transaction.Failure` for what another list of changes may avoid; `SetupProblem` for what ends the run.
  func run(_ changes: [Change]) async throws -> Transaction.Success {
    let watch = MembershipWatch(
      session: transaction.session, server: transaction.server, lockout: transaction.lockout,
      lockTimeout: transaction.lockTimeout, observer: observer)
    if changes.contains(where: \.addsMembership), !transaction.server.hasMembershipOptions {
      try await watch.waitBefore()
    }
    var success = try await persistently(changes)
    if success.needsWatch {
      observer.receive(.committed(step: changes[0].step))
      let edges = changes.compactMap { change -> MembershipWatch.Edge? in
        guard case .grantRole(let role, let member, _) = change.action else { return nil }
        return .init(
          role: role.name, member: member.name,
          former: success.membershipsBefore.filter { $0.role == role.name && $0.member == member.name },
          isInterim: change.interim == .begins)
      }
      success.notices += try await watch.settle(
        edges, ended: changes.filter { $0.interim == .ends }.compactMap(\.interimMembership),
        [(transaction.server.database, success.number)], transaction.journal)
    }
    return success
  }

  /// Tries again with growing pauses while somebody else has a role locked.
  private func persistently(_ changes: [Change]) async throws -> Transaction.Success {
    var pause = BatchRunner.firstPause
    var round = 0
    while true {
      round += 1
      do {
        return try await transaction.run(changes)
      } catch let failure as Transaction.Failure {
        guard case .blocked(let index, let error) = failure else { throw failure }
        let blockers = try await MembershipWatch.openChanges(
          of: [transaction.lockout.rdsIAMRole] + changes.flatMap(\.rolesChanged), transaction.server,
          transaction.session)
        guard round < BatchRunner.rounds, !interruption.isRequested else {
          throw Self.problem(changes[index], error, blockers)
        }
        observer.receive(.waiting(object: changes[index].object, blockers: blockers))
        try await Task.sleep(for: pause * Double.random(in: 0.5...1.5))
        pause *= 2
      }
    }
  }

  private static let again = "nothing of this step was committed; run the same command again"

  private static func problem(_ change: Change, _ error: PostgresError, _ blockers: [Blocker]) -> SetupProblem
  {
    SetupProblem(
      .refused, "locked", "\(change.kind) \(change.object): \(error.message)",
      why: blockers.isEmpty
        ? "another session holds a lock"
        : "this has locked roles and is still open: \(blockers.map(\.summary).joined(separator: "; "))",
      fix: again)
  }

  /// A failure for which there is no other list of changes.
  static func problem(_ failure: Transaction.Failure, _ changes: [Change]) -> SetupProblem {
    switch failure {
    case .blocked(let index, let error): return problem(changes[index], error, [])
    case .refused(let index, let reason):
      return SetupProblem(
        .refused, "statement-refused", "\(changes[index].kind) \(changes[index].object): \(reason)",
        why: "the statement was: \(changes[index].sql); nothing of this step was committed",
        fix: "change what the server's message says; the same command then goes on")
    case .stale(let setAside):
      let change = changes[setAside[0].index]
      return SetupProblem(
        .refused, "changed-since-plan", "\(change.kind) \(change.object): \(setAside[0].reason ?? "")",
        fix: again)
    case .busy, .tooLong, .lockTableFull, .guardFailed:
      return SetupProblem(
        .refused, "locked", "the server could not take the locks of this step in time", fix: again)
    }
  }
}
