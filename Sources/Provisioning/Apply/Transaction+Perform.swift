internal import Postgres

/// The part of a transaction that holds locks.
extension Transaction {
  /// Statements a message carries at most.
  static let statementsPerMessage = 300
  /// How much of the lock timeout a transaction may use up before it is cancelled; the rest is for that to arrive.
  static let share = 0.9
  /// With locks in hand, setup gives up on the next one long before a deadlock check (`deadlock_timeout`) of the
  /// session that has it could choose that session as the victim.
  static let shareOfDeadlockTimeout = 0.3

  /// How long the transaction may hold locks.
  var allowed: Duration { max(lockTimeout * Self.share - roundTrip * 3, lockTimeout * 0.3) }

  private var shortWait: Duration { server.deadlockTimeout * Self.shareOfDeadlockTimeout }

  private func settings(wait: Duration) -> [String] {
    [TransactionSettings.lockTimeoutStatement(wait), TransactionSettings.idleStatement(lockTimeout)]
  }

  /// Makes all changes, and closes the transaction with the last message.
  func perform(
    _ changes: [Change], _ restoration: [Int: [String]], _ closing: [String],
    _ started: ContinuousClock.Instant
  ) async throws {
    var units: [(index: Int?, sql: String)] = []
    units.reserveCapacity(changes.count + closing.count)
    let waitsInPeace = changes.allSatisfy { $0.action.target?.oid == changes[0].action.target?.oid }
    if waitsInPeace, let lock = changes[0].lockStatement {
      // It waits for the table with nothing else in hand, and then not for its indexes and sequences.
      units += [(0, lock), (0, TransactionSettings.lockTimeoutStatement(shortWait))]
    }
    for (index, change) in changes.enumerated() {
      units += statements(change, restoration[index]).map { (index, $0) }
    }
    units += closing.map { (nil, $0) }
    let allowed = allowed
    // Messages of one length: a short one at the end would cost a round trip and carry little.
    let messages = (units.count + Self.statementsPerMessage - 1) / Self.statementsPerMessage
    for message in 0..<messages {
      let range = units.count * message / messages..<units.count * (message + 1) / messages
      let remaining = allowed - (ContinuousClock.now - started)
      guard remaining > .zero || message == 0 else { throw Failure.tooLong([]) }
      let settings = settings(wait: waitsInPeace && message == 0 ? remaining : min(remaining, shortWait))
      do {
        try await session.execute(
          (settings + units[range].map(\.sql)).joined(separator: ";\n"), deadline: started + allowed)
      } catch let error as PostgresError where !error.connectionLost {
        let unit = range.lowerBound + max(0, error.completedStatements - settings.count)
        throw failure(error, units[min(unit, units.count - 1)].index, changes, started)
      }
    }
  }

  /// The last message of a transaction whose changes have been made before.
  func finish(_ closing: [String], _ started: ContinuousClock.Instant) async throws {
    do {
      try await session.execute(closing.joined(separator: ";\n"), deadline: started + allowed)
    } catch let error as PostgresError where !error.connectionLost {
      throw failure(error, nil, [], started)
    }
  }

  /// Makes what can be made; a statement that fails takes one more message, and nothing is made twice.
  ///
  /// After a failure messages are short for a while: what follows a failed statement in its message is read by the
  /// server for nothing.
  func performSparingly(
    _ changes: [Change], _ restoration: [Int: [String]], _ started: ContinuousClock.Instant
  ) async throws -> [SetAside] {
    let groups = ChangeGroup.ranges(changes)
    var setAside: [SetAside] = []
    var blocked = 0
    var next = 0
    var size = Self.statementsPerMessage / 4
    var isAborted = false
    while next < groups.count || isAborted {
      let remaining = allowed - (ContinuousClock.now - started)
      guard remaining > .zero else { throw Failure.tooLong(setAside) }
      let wait = blocked < Self.patientWaits ? shortWait : Self.impatientWait
      var statements = isAborted ? ["ROLLBACK TO SAVEPOINT change", "RELEASE SAVEPOINT change"] : []
      statements += settings(wait: min(remaining, wait))
      var groupOfStatement = [Int](repeating: next, count: statements.count)
      let part = next..<min(next + size, groups.count)
      for number in part {
        let made = groups[number].flatMap { self.statements(changes[$0], restoration[$0]) }
        statements += ["SAVEPOINT change"] + made + ["RELEASE SAVEPOINT change"]
        groupOfStatement += [Int](repeating: number, count: made.count + 2)
      }
      do {
        try await session.execute(statements.joined(separator: ";\n"), deadline: started + allowed)
        (next, isAborted) = (part.upperBound, false)
        size = min(size * 2, Self.statementsPerMessage)
      } catch let error as PostgresError where !error.connectionLost {
        let number = groupOfStatement[min(error.completedStatements, groupOfStatement.count - 1)]
        switch failure(error, groups[number].lowerBound, changes, started) {
        case .refused(let index, let reason): setAside.append(SetAside(index: index, reason: reason))
        case .blocked(let index, _):
          blocked += 1
          setAside.append(SetAside(index: index))
        case .tooLong: throw Failure.tooLong(setAside)
        case let other: throw other
        }
        (next, isAborted, size) = (number + 1, true, 1)
      }
    }
    return setAside
  }

  /// So many changes of a transaction may wait for a lock as long as a deadlock check allows.
  private static let patientWaits = 3
  /// And the others this long, so that a thousand locked ones do not take a thousand waits.
  private static let impatientWait: Duration = .milliseconds(10)

  /// The statements of one change.
  private func statements(_ change: Change, _ restoration: [String]?) -> [String] {
    if case .restoreAccess = change.action { return restoration ?? [] }
    return [change.sql] + (restoration ?? [])
  }

  private func failure(
    _ error: PostgresError, _ index: Int?, _ changes: [Change], _ started: ContinuousClock.Instant
  ) -> Failure {
    if error.isLockTableFull { return .lockTableFull }
    guard let index else { return error.sqlstate == GuardAssertion.sqlstate ? .guardFailed : .tooLong([]) }
    if error.isLockConflict {
      let isOver = error.phase == .cancelled && ContinuousClock.now - started >= allowed
      return isOver && changes.count > 1 ? .tooLong([]) : .blocked(index: index, error)
    }
    if error.isDuplicate, changes[index].concernsRoles {
      return .stale([
        SetAside(index: index, reason: "somebody else has done the same since the plan was made")
      ])
    }
    return .refused(index: index, error.description)
  }
}
