internal import Postgres

/// One transaction of setup: nothing in it is committed unless the journal has it and every guard holds.
///
/// Whatever can be read, computed or written beforehand is done before the first lock is taken; what takes locks
/// goes to the server together with the guards and the COMMIT, in one message where it fits one, so that neither
/// this process nor the network between decides how long others wait.
struct Transaction {
  let session: Session
  let server: ServerFacts
  let lockTimeout: Duration
  let lockout: LockoutGuard
  /// Nil while undoing: what is being undone is in the journal already.
  let journal: Journal?
  /// How long a message and its answer take at least.
  let roundTrip: Duration

  /// Statements a message carries at most.
  static let statementsPerMessage = 300
  /// How much of the lock timeout a transaction may use up before it is cancelled; the rest is for that to arrive.
  static let share = 0.9
  /// With locks in hand, setup gives up on the next one long before a deadlock check (`deadlock_timeout`) of the
  /// session that has it could choose that session as the victim.
  static let shareOfDeadlockTimeout = 0.3

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
    /// A guard did not hold when the server checked it.
    case guardFailed
  }

  /// Runs the changes in order and commits.
  ///
  /// - Parameter avoidingBusy: give up at once when somebody else has an object locked, instead of waiting for it.
  /// - Returns: how long it took from the first lock on, and what revert has to tell about privileges it left.
  /// - Throws: `Failure` when the batch was rolled back and another can be tried; `SetupProblem` and lost
  ///   connections end the run.
  func run(_ changes: [Change], avoidingBusy: Bool = false) async throws -> (
    held: Duration, notices: [String]
  ) {
    do {
      return try await attempt(changes, avoidingBusy, stepwise: changes.contains(where: \.concernsRoles))
    } catch Failure.guardFailed {
      // Once more with a guard that can say what is wrong; it throws, or the other session has thought better of it.
      return try await attempt(changes, false, stepwise: true)
    }
  }

  /// - Parameter stepwise: guards are asked one by one and the journal may still be written after the changes,
  ///   for changes that take no lock on any table.
  private func attempt(
    _ changes: [Change], _ avoidingBusy: Bool, stepwise: Bool
  ) async throws -> (held: Duration, notices: [String]) {
    do {
      var (number, state) = try await open(changes, avoidingBusy: avoidingBusy)
      let restoration = try await AccessRestoration(session: session).plan(changes, state)
      let loans = try await TransactionLoans.take(for: changes, restoration.grantors, server, session)
      let journalFirst = !changes.contains(where: \.createsRole)
      if journalFirst { try record(changes, number, state) }
      let closing =
        stepwise ? [] : try await loans.closing(session) + lockout.assertions(changes, session) + ["COMMIT"]
      let started = ContinuousClock.now
      try await perform(changes, restoration.statements, closing, started)
      if stepwise {
        if !journalFirst {
          try await state.readRoles(created: changes, session)
          try record(changes, number, state)
        }
        try await loans.giveBack(session)
        try await lockout.check(changes, session)
        try await session.execute("COMMIT")
      }
      return (ContinuousClock.now - started, restoration.notices)
    } catch {
      if (error as? PostgresError)?.connectionLost != true, await session.inTransaction {
        _ = try? await session.execute("ROLLBACK")
      }
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
    guard results.count > readings.count + 1 else {
      throw PostgresError(phase: .lost, message: "the server answered fewer statements than it was sent")
    }
    var state = FormerState(readings, results.suffix(readings.count))
    results.removeLast(readings.count)
    if avoidingBusy {
      let busy = Blockers.busy(results.removeLast())
      guard busy.isEmpty else { throw Failure.busy(busy) }
    }
    let number = results.removeLast().text(0, 0)
    if changes.contains(where: \.concernsRoles) { try await state.readMemberships(server, session) }
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

  private func perform(
    _ changes: [Change], _ restoration: [Int: [String]], _ closing: [String],
    _ started: ContinuousClock.Instant
  ) async throws {
    var units: [(index: Int?, sql: String)] = []
    units.reserveCapacity(changes.count + closing.count)
    let waitsInPeace = changes.allSatisfy { $0.action.target?.oid == changes[0].action.target?.oid }
    if waitsInPeace, let lock = changes[0].lockStatement {
      // It waits for the table with nothing else in hand, and then not for its indexes and sequences.
      units += [
        (0, lock),
        (0, TransactionSettings.lockTimeoutStatement(server.deadlockTimeout * Self.shareOfDeadlockTimeout)),
      ]
    }
    for (index, change) in changes.enumerated() {
      if case .restoreAccess = change.action {} else { units.append((index, change.sql)) }
      for statement in restoration[index] ?? [] { units.append((index, statement)) }
    }
    units += closing.map { (nil, $0) }
    let allowed = max(lockTimeout * Self.share - roundTrip * 3, lockTimeout * 0.3)
    // Messages of one length: a short one at the end would cost a round trip and carry little.
    let messages = (units.count + Self.statementsPerMessage - 1) / Self.statementsPerMessage
    for message in 0..<messages {
      let range = units.count * message / messages..<units.count * (message + 1) / messages
      let remaining = allowed - (ContinuousClock.now - started)
      guard remaining > .zero || message == 0 else { throw Failure.tooLong }
      let settings = [
        TransactionSettings.lockTimeoutStatement(
          waitsInPeace && message == 0
            ? remaining : min(remaining, server.deadlockTimeout * Self.shareOfDeadlockTimeout)),
        TransactionSettings.idleStatement(lockTimeout),
      ]
      do {
        try await session.execute(
          (settings + units[range].map(\.sql)).joined(separator: ";\n"), deadline: started + allowed)
      } catch let error as PostgresError where !error.connectionLost {
        let unit = range.lowerBound + max(0, error.completedStatements - settings.count)
        throw failure(error, units[min(unit, units.count - 1)].index, changes.count, started, allowed)
      }
    }
  }

  private func failure(
    _ error: PostgresError, _ index: Int?, _ count: Int, _ started: ContinuousClock.Instant,
    _ allowed: Duration
  ) -> Failure {
    if error.isLockTableFull { return .lockTableFull }
    guard let index else { return error.sqlstate == GuardAssertion.sqlstate ? .guardFailed : .tooLong }
    if error.isLockConflict {
      let isOver = error.phase == .cancelled && ContinuousClock.now - started >= allowed
      return isOver && count > 1 ? .tooLong : .blocked(index: index, error)
    }
    return .refused(index: index, error.description)
  }
}
