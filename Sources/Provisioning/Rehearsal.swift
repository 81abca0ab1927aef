internal import Postgres

/// Tries every role statement of a plan in a transaction that is always rolled back.
///
/// Servers differ in what a login that is not a superuser may do with roles, and managed ones differ from
/// the stock they are built on; the only way to know is to ask this one. It touches role catalogs alone, takes
/// no lock on any table, and leaves nothing behind.
struct Rehearsal {
  let session: Session
  let snapshot: CatalogSnapshot
  let request: SetupRequest

  struct Outcome {
    /// Statements that were refused, with the server's words.
    var refused: [(change: Change, error: PostgresError)] = []
    /// Roles that could not be borrowed.
    var notBorrowed: [(role: Identifier, error: PostgresError)] = []
    /// Chains that would have locked somebody out at COMMIT.
    var lockouts: [[String]] = []
    var leftOver: SetupProblem?
    /// What was borrowed, as statements.
    var loans: [MembershipLoan] = []
  }

  /// Rehearses the changes of a plan that concern roles, and what all of its changes need to borrow.
  func run(_ plan: [Change]) async throws -> Outcome {
    var outcome = Outcome()
    try await session.execute(TransactionSettings.begin(snapshot.server, lockTimeout: request.lockTimeout))
    do {
      try await rehearse(plan, &outcome)
      try await session.execute("ROLLBACK")
    } catch let held as Held {
      try await session.execute("ROLLBACK")
      throw try await problem(held)
    } catch let made as MadeMeanwhile {
      try await session.execute("ROLLBACK")
      throw SetupProblem(
        .refused, "changed-since-plan",
        "somebody else has done the same since the server was read: \(made.statement)",
        why: made.error.message, fix: "run the same command again; nothing was changed")
    } catch {
      _ = try? await session.execute("ROLLBACK")
      throw error
    }
    return outcome
  }

  /// A role that somebody else has locked: no answer to whether the statement is allowed.
  private struct Held: Error {
    var statement: String
    var error: PostgresError
  }

  /// What a statement makes was not there a moment ago: no answer either.
  private struct MadeMeanwhile: Error {
    var statement: String
    var error: PostgresError
  }

  private func problem(_ held: Held) async throws -> SetupProblem {
    let blockers = try await MembershipWatch.openChanges(
      of: [request.rdsIAMRole, request.iamUser, snapshot.newOwner.name], snapshot.server, session)
    return SetupProblem(
      .refused, "locked", "\(held.statement) could not be tried: \(held.error.message)",
      why: blockers.isEmpty
        ? "another session has locked the role"
        : "this has locked roles and is still open: \(blockers.map(\.summary).joined(separator: "; "))",
      fix: "run the same command again when it has ended; nothing was changed")
  }

  private func rehearse(_ plan: [Change], _ outcome: inout Outcome) async throws {
    let changes = plan.filter(\.concernsRoles)
    // rds_iam last, as in earnest: borrowing the IAM user must be possible before.
    for change in changes where change.step != .rdsIAM && !change.needsLoan {
      if let error = try await attempt(change.sql) { outcome.refused.append((change, error)) }
    }
    let roles = try await BorrowedMemberships.needed(for: plan, snapshot.server, session)
    let borrowed = BorrowedMemberships(
      roles: roles, operatorRole: snapshot.operatorRole, explicitOptions: snapshot.server.hasMembershipOptions
    )
    let before = try await borrowed.rows(session)
    var taken: [Identifier] = []
    for role in roles {
      if let error = try await attempt(borrowed.grant(role)) {
        outcome.notBorrowed.append((role, error))
      } else {
        taken.append(role)
        outcome.loans.append(
          MembershipLoan(
            role: role.name, take: borrowed.grant(role), giveBack: borrowed.giveBack(role, before)))
      }
    }
    for change in changes where change.needsLoan {
      if let error = try await attempt(change.sql) {
        outcome.refused.append((change, error))
      } else if case .grant = change.action, try await !mayConnect() {
        // Whoever may not grant anything gets a warning from the server, not an error.
        let error = PostgresError(phase: .query, message: "no privileges were granted")
        outcome.refused.append((change, error))
      }
    }
    let back = BorrowedMemberships(
      roles: taken, operatorRole: snapshot.operatorRole, explicitOptions: snapshot.server.hasMembershipOptions
    )
    do {
      try await session.execute("SAVEPOINT giving_back")
      try await back.giveBack(before, session)
    } catch let problem as SetupProblem {
      outcome.leftOver = problem
    } catch let error as PostgresError where !error.connectionLost {
      outcome.leftOver = SetupProblem(.refused, "borrowed-membership-stays", error.message)
      try await session.execute("ROLLBACK TO SAVEPOINT giving_back")
    }
    for change in changes where change.step == .rdsIAM {
      if let error = try await attempt(change.sql) { outcome.refused.append((change, error)) }
    }
    let lockout = LockoutGuard(request: request, before: snapshot.loginMembers(of: request.rdsIAMRole))
    outcome.lockouts = try await lockout.lockouts(session)
  }

  private func mayConnect() async throws -> Bool {
    try await AccessInspector(session: session, request: request).mayConnect(
      roles: [request.iamUser, snapshot.newOwner.name])
  }

  private func attempt(_ statement: String) async throws -> PostgresError? {
    do {
      try await session.execute("SAVEPOINT rehearsal; \(statement)")
      return nil
    } catch let error as PostgresError where !error.connectionLost {
      if error.isLockConflict { throw Held(statement: statement, error: error) }
      if error.isDuplicate { throw MadeMeanwhile(statement: statement, error: error) }
      try await session.execute("ROLLBACK TO SAVEPOINT rehearsal")
      return error
    }
  }
}
