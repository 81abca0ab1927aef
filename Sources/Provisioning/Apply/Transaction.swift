internal import Postgres

/// One transaction of setup: nothing in it is committed unless the journal has it and every guard holds.
struct Transaction {
  let session: Session
  let server: ServerFacts
  let lockTimeout: Duration
  let lockout: LockoutGuard
  /// Nil while undoing: what is being undone is in the journal already.
  let journal: Journal?

  /// Statements a message carries at most; between messages the remaining time for locks is set anew.
  static let statementsPerMessage = 300
  /// How much of the lock timeout a transaction may use up before it ends; the rest is for COMMIT.
  static let share = 0.9

  /// Why a transaction was rolled back.
  enum Failure: Error {
    /// Somebody else has these relations locked; nothing was tried.
    case busy(Set<UInt32>)
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
  /// - Parameter avoidingBusy: give up at once when somebody else has an object locked, instead of waiting for it.
  /// - Returns: how long locks were held, and what revert has to tell about privileges it left.
  /// - Throws: `Failure` when the batch was rolled back and another can be tried; `SetupProblem` and lost
  ///   connections end the run.
  func run(_ changes: [Change], avoidingBusy: Bool = false) async throws -> (
    held: Duration, notices: [String]
  ) {
    do {
      let (number, state) = try await open(changes, avoidingBusy: avoidingBusy)
      let roles = try await BorrowedMemberships.needed(for: changes, server, session)
      let borrowed = BorrowedMemberships(
        roles: roles, operatorRole: try await session.identifier(server.user),
        explicitOptions: server.hasMembershipOptions)
      try record(changes, number, state)
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

  /// Begins, numbers the transaction, and reads how things are, in one round trip and before anything is locked.
  private func open(_ changes: [Change], avoidingBusy: Bool) async throws -> (number: String, FormerState) {
    let targets = changes.compactMap(\.action.target)
    let readings = FormerState.Reading.all(of: targets)
    let message =
      [TransactionSettings.begin(server, lockTimeout: lockTimeout), "SELECT txid_current()"]
      + (avoidingBusy ? [Blockers.busyStatement(targets)] : []) + readings.map(\.sql)
    var results = try await session.execute(message.joined(separator: ";\n"))[...]
    let state = FormerState(readings, results.suffix(readings.count))
    results.removeLast(readings.count)
    if avoidingBusy {
      let busy = Blockers.busy(results.removeLast())
      guard busy.isEmpty else { throw Failure.busy(busy) }
    }
    let number = results.removeLast().text(0, 0)
    try Self.check(changes, state)
    return (number, state)
  }

  /// Sets aside what has changed since the plan was made.
  private static func check(_ changes: [Change], _ state: FormerState) throws {
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
  }

  private func record(_ changes: [Change], _ number: String, _ state: FormerState) throws {
    guard let journal else { return }
    let journaled = changes.compactMap { JournaledChange($0, state) }
    try journal.append(
      JournalRecord(batch: .init(database: server.database, transaction: number, changes: journaled)))
  }

  private func perform(_ changes: [Change], _ started: ContinuousClock.Instant) async throws {
    let allowed = lockTimeout * Self.share
    // Messages of one length: a short one at the end would cost a round trip and carry little.
    let messages = (changes.count + Self.statementsPerMessage - 1) / Self.statementsPerMessage
    var start = 0
    for message in 1...max(1, messages) where start < changes.count {
      let end = changes.count * message / messages
      let remaining = allowed - (ContinuousClock.now - started)
      guard remaining > .zero || start == 0 else { throw Failure.tooLong }
      var statements = TransactionSettings.lockTimeoutStatement(remaining)
      for change in changes[start..<end] {
        // What restoring privileges takes is known only afterwards; the empty query keeps the count of results.
        if case .restoreAccess = change.action {
          statements += ";\nSELECT"
        } else {
          statements += ";\n\(change.sql)"
        }
      }
      do {
        try await session.execute(statements, deadline: started + allowed)
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
