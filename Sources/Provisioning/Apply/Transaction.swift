internal import Postgres

/// One transaction of setup: nothing in it is committed unless the journal has it and every guard holds.
struct Transaction {
  let session: Session
  let server: ServerFacts
  let lockTimeout: Duration
  let lockout: LockoutGuard
  /// Nil while undoing: what is being undone is in the journal already.
  let journal: Journal?

  /// Statements a message carries; between messages the remaining time for locks is set anew.
  static let statementsPerMessage = 250
  /// How much of the lock timeout a transaction may use up before it ends; the rest is for COMMIT.
  static let share = 0.9

  /// Why a transaction was rolled back.
  enum Failure: Error {
    /// The change at this index of the batch met somebody else's lock.
    case blocked(index: Int, PostgresError)
    /// The batch was still running when its time for holding locks was up.
    case tooLong
    case lockTableFull
    /// The change at this index cannot be made.
    case refused(index: Int, String)
  }

  /// Runs the changes in order and commits.
  ///
  /// - Returns: how long locks were held, and what revert has to tell about privileges it left.
  /// - Throws: `Failure` when the batch was rolled back and another can be tried; `SetupProblem` and lost
  ///   connections end the run.
  func run(_ changes: [Change]) async throws -> (held: Duration, notices: [String]) {
    try await session.execute(TransactionSettings.begin(server, lockTimeout: lockTimeout))
    do {
      let state = try await prepare(changes)
      let roles = try await BorrowedMemberships.needed(for: changes, server, session)
      let borrowed = BorrowedMemberships(
        roles: roles, operatorRole: try await session.identifier(server.user),
        explicitOptions: server.hasMembershipOptions)
      try await record(changes, state)
      let before = try await borrowed.take(session)
      let lent = SchemaCreateLoan(try await SchemaCreateLoan.needed(for: changes, server, session))
      try await lent.take(session)
      let started = ContinuousClock.now
      try await perform(changes, started)
      let notices = try await AccessRestoration(session: session, server: server).restore(changes)
      try await lent.giveBack(session)
      try await borrowed.giveBack(before, session)
      try await lockout.check(session)
      try await session.execute("COMMIT")
      return (ContinuousClock.now - started, notices)
    } catch {
      if (error as? PostgresError)?.connectionLost != true { _ = try? await session.execute("ROLLBACK") }
      throw error
    }
  }

  /// Reads how things are, and sets aside what has changed since the plan was made.
  private func prepare(_ changes: [Change]) async throws -> FormerState {
    let targets = changes.compactMap(\.action.target)
    guard !targets.isEmpty else { return FormerState() }
    let state = try await FormerState.read(targets, session)
    for (index, change) in changes.enumerated() {
      guard case .alterOwner(let object, _) = change.action else { continue }
      switch state.owner(of: object) {
      case object.owner?: continue
      case nil: throw Failure.refused(index: index, "it has been dropped since the plan was made")
      case let owner?:
        throw Failure.refused(
          index: index, "its owner has become \(Identifier.display(owner)) since the plan was made")
      }
    }
    return state
  }

  private func record(_ changes: [Change], _ state: FormerState) async throws {
    guard let journal else { return }
    // Assigns the transaction its number before anything is locked.
    let number = try await session.query("SELECT txid_current()").text(0, 0)
    let journaled = changes.compactMap { JournaledChange($0, state) }
    try journal.append(
      JournalRecord(batch: .init(database: server.database, transaction: number, changes: journaled)))
  }

  private func perform(_ changes: [Change], _ started: ContinuousClock.Instant) async throws {
    let allowed = lockTimeout * Self.share
    var start = 0
    while start < changes.count {
      let end = min(start + Self.statementsPerMessage, changes.count)
      let remaining = allowed - (ContinuousClock.now - started)
      guard remaining > .zero || start == 0 else { throw Failure.tooLong }
      var message = TransactionSettings.lockTimeoutStatement(remaining)
      for change in changes[start..<end] {
        // What restoring privileges takes is known only afterwards; the empty query keeps the count of results.
        if case .restoreAccess = change.action {
          message += ";\nSELECT"
        } else {
          message += ";\n\(change.sql)"
        }
      }
      do {
        try await session.execute(message, deadline: started + allowed)
      } catch let error as PostgresError where !error.connectionLost {
        let index = start + max(0, error.completedStatements - 1)
        if error.isLockTableFull { throw Failure.lockTableFull }
        if error.isLockConflict { throw Failure.blocked(index: min(index, changes.count - 1), error) }
        throw Failure.refused(index: min(index, changes.count - 1), error.description)
      }
      start = end
    }
  }
}
