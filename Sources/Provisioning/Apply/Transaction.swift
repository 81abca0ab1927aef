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

  /// Why a transaction was rolled back, or a change in it.
  enum Failure: Error {
    /// Somebody else has these relations locked; nothing was tried.
    case busy(Set<UInt32>)
    /// The change at this index of the batch met somebody else's lock.
    case blocked(index: Int, PostgresError)
    /// The batch was still running when its time for holding locks was up; what had been set aside until then.
    case tooLong([SetAside])
    case lockTableFull
    /// The change at this index cannot be made.
    case refused(index: Int, String)
    /// These are not what they were when the plan was made.
    case stale([SetAside])
    /// A guard did not hold when the server checked it.
    case guardFailed
  }

  /// A change that was not made while others of its transaction were.
  struct SetAside {
    /// Of the first change of its group.
    var index: Int
    /// Nil: somebody else has it locked.
    var reason: String?
  }

  /// How changes are made and guards are asked.
  struct Manner {
    /// Give up at once when somebody else has an object locked, instead of waiting for it.
    var avoidsBusy = false
    /// What cannot be made is set aside and the rest goes on: each group under a savepoint of its own.
    var sparing = false
    /// Guards are asked one by one and the journal may still be written after the changes, for changes that take no
    /// lock on any table, and for when the reason of a failure is wanted.
    var stepwise = false
  }

  /// What a committed transaction came to.
  struct Success {
    /// How long it took from the first lock on.
    var held: Duration
    /// What revert has to tell about privileges it left.
    var notices: [String]
    var setAside: [SetAside]
    /// Memberships that it added still have to be watched, for not every role could be locked against GRANTs of others.
    var needsWatch = false
    var number: String
    /// Every membership before, where roles change.
    var membershipsBefore: [MembershipRow]
  }

  /// Runs the changes in order and commits.
  ///
  /// - Throws: `Failure` when the batch was rolled back and another can be tried; `SetupProblem` and lost
  ///   connections end the run.
  func run(_ changes: [Change], avoidingBusy: Bool = false, sparing: Bool = false) async throws -> Success {
    var manner = Manner(
      avoidsBusy: avoidingBusy, sparing: sparing, stepwise: changes.contains(where: \.concernsRoles))
    do {
      return try await attempt(changes, manner)
    } catch Failure.guardFailed {
      // Once more with a guard that can say what is wrong; it throws, or the other session has thought better of it.
      manner.stepwise = true
      manner.avoidsBusy = false
      return try await attempt(changes, manner)
    }
  }

  private func attempt(_ changes: [Change], _ manner: Manner) async throws -> Success {
    do {
      var (number, state) = try await open(changes, avoidingBusy: manner.avoidsBusy)
      let restoration = try await AccessRestoration(session: session).plan(changes, state)
      let loans = try await TransactionLoans.take(for: changes, restoration.grantors, server, session)
      let adds = changes.contains { $0.addsMembership }
      // What is known only after the changes is journaled after them: roles' numbers, what could be made, and whether
      // memberships have to be watched. None of that holds a lock on a table for long.
      let journalFirst = !manner.sparing && !adds && !changes.contains(where: \.createsRole)
      if journalFirst { try record(changes, number, state) }
      let inOneMessage = !manner.stepwise && !manner.sparing
      let closing = inOneMessage ? try await closing(changes, loans) : []
      let started = ContinuousClock.now
      var success = Success(
        held: .zero, notices: restoration.notices, setAside: [], number: number,
        membershipsBefore: state.memberships)
      if manner.sparing {
        success.setAside = try await performSparingly(changes, restoration.statements, started)
      } else {
        try await perform(changes, restoration.statements, closing, started)
      }
      let made = ChangeGroup.without(success.setAside.map(\.index), changes)
      if manner.stepwise {
        if !journalFirst { try await state.readRoles(created: changes, session) }
        try await loans.giveBack(session)
        if adds {
          let fence = MembershipFence(session: session, server: server, rdsIAMRole: lockout.rdsIAMRole)
          success.needsWatch = try await !fence.close(until: started + lockTimeout * Self.share)
        }
        if !journalFirst { try record(made, number, state, isWatched: success.needsWatch) }
        try await ObjectIdentity.checkAfterwards(made, session)
        try await lockout.check(changes, session)
        try await session.execute("COMMIT")
      } else if manner.sparing {
        try record(made, number, state)
        try await finish(try await self.closing(made, loans), started)
      }
      success.held = ContinuousClock.now - started
      return success
    } catch {
      if (error as? PostgresError)?.connectionLost != true, await session.inTransaction {
        _ = try? await session.execute("ROLLBACK")
      }
      // Roles that setup borrows may be locked, too.
      if let error = error as? PostgresError, error.isLockConflict, !error.connectionLost {
        throw Failure.blocked(index: 0, error)
      }
      throw error
    }
  }

  /// Loans given back, guards, COMMIT.
  private func closing(_ changes: [Change], _ loans: TransactionLoans) async throws -> [String] {
    try await loans.closing(session) + ObjectIdentity.assertions(changes, session)
      + lockout.assertions(changes, session) + ["COMMIT"]
  }

  /// Begins, numbers the transaction, and reads how things are, in one round trip and before anything is locked.
  private func open(_ changes: [Change], avoidingBusy: Bool) async throws -> (number: String, FormerState) {
    let targets = changes.compactMap(\.action.target)
    let readings = FormerState.Reading.all(of: targets)
    let message =
      [TransactionSettings.begin(server, lockTimeout: lockTimeout), "SELECT txid_current()"]
      + (avoidingBusy ? [LockHolders.busyStatement(targets)] : []) + readings.map(\.sql)
    var results = try await session.execute(message.joined(separator: ";\n"))[...]
    guard results.count > readings.count + 1 else {
      throw PostgresError(phase: .lost, message: "the server answered fewer statements than it was sent")
    }
    var state = FormerState(readings, results.suffix(readings.count))
    results.removeLast(readings.count)
    if avoidingBusy {
      let busy = LockHolders.busy(results.removeLast())
      guard busy.isEmpty else { throw Failure.busy(busy) }
    }
    let number = results.removeLast().text(0, 0)
    if changes.contains(where: \.concernsRoles) { try await state.readMemberships(server, session) }
    if journal != nil { try await state.readHoldings(changes, session) }
    try ObjectIdentity.check(changes, state)
    return (number, state)
  }

  private func record(
    _ changes: [Change], _ number: String, _ state: FormerState, isWatched: Bool = false
  ) throws {
    guard let journal, !changes.isEmpty else { return }
    let journaled = changes.compactMap { JournaledChange($0, state) }
    try journal.append(
      JournalRecord(
        batch: .init(
          database: server.database, transaction: number, changes: journaled,
          watched: isWatched ? true : nil)))
  }
}
