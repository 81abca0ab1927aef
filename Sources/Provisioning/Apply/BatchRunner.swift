internal import Postgres

/// Works through changes of owner in batches that neither exhaust the lock table nor keep anybody waiting.
///
/// What is locked by somebody else is put aside, tried again by itself with growing pauses, and in the end
/// reported with its blockers; everything else goes on meanwhile.
struct BatchRunner {
  let transaction: Transaction
  let budget: LockBudget
  let step: StepID
  let observer: any SetupObserver
  let interruption: any Interruption

  /// How often an object that somebody else has locked is tried by itself.
  static let rounds = 4
  /// The pause before the second round; it doubles, give or take a half.
  static let firstPause: Duration = .milliseconds(100)
  /// Part of the lock timeout that the work of one batch should take.
  static let workShare = 0.4
  /// What one change takes, until it has been measured: several times what it takes on loopback.
  static let assumedCost: Duration = .microseconds(500)

  /// A change of owner and the grants that belong into its transaction.
  private typealias Group = [Change]

  func run(_ changes: [Change]) async throws -> BatchOutcome {
    var outcome = BatchOutcome(total: changes.count)
    var pending = groups(changes)[...]
    var deferred: [Group] = []
    var limit = max(1, Int((transaction.lockTimeout * Self.workShare) / Self.assumedCost))
    var locks = budget.perBatch
    observer.receive(.began(step: step, total: changes.count))
    while !pending.isEmpty {
      if stopped(&outcome) { break }
      let count = fitting(pending, limit: limit, locks: locks)
      var batch = Array(pending.prefix(count))
      pending = pending.dropFirst(count)
      while !batch.isEmpty {
        do {
          let size = batch.reduce(0) { $0 + $1.count }
          let (held, notices) = try await transaction.run(batch.flatMap { $0 }, avoidingBusy: true)
          limit = adapted(limit, size, held)
          outcome.notices += notices
          outcome.done += size
          observer.receive(.progressed(step: step, done: outcome.done, total: outcome.total))
          break
        } catch let failure as Transaction.Failure {
          switch failure {
          case .busy(let relations):
            let isBusy = { (group: Group) in
              group[0].action.target.map { $0.catalog == .relation && relations.contains($0.oid) } ?? false
            }
            deferred += batch.filter(isBusy)
            batch.removeAll(where: isBusy)
          case .blocked(let index, _): deferred.append(batch.remove(at: group(of: index, in: batch)))
          case .refused(let index, let reason):
            let failed = batch.remove(at: group(of: index, in: batch))
            outcome.left.append(LeftBehind(failed[0], reason: reason))
          case .tooLong, .lockTableFull, .guardFailed:
            guard batch.count > 1 else {
              deferred.append(batch.removeFirst())
              continue
            }
            limit = max(1, batch.count / 2)
            if case .lockTableFull = failure { locks = max(LockBudget.reserve + 1, locks / 2) }
            pending = (batch[limit...] + pending)[...]
            batch = Array(batch[..<limit])
          }
        }
      }
    }
    if !outcome.interrupted { try await retry(deferred, &outcome) } else { await leave(deferred, &outcome) }
    return outcome
  }

  private func groups(_ changes: [Change]) -> [Group] {
    var groups: [Group] = []
    for change in changes {
      if change.followsPrevious, let last = groups.indices.last,
        groups[last][0].action.target?.oid == change.action.target?.oid
      {
        groups[last].append(change)
      } else {
        groups.append([change])
      }
    }
    return groups
  }

  private func fitting(_ groups: ArraySlice<Group>, limit: Int, locks: Int) -> Int {
    var used = LockBudget.reserve
    var count = 0
    for group in groups {
      used += group.reduce(0) { $0 + $1.locks }
      if count > 0, used > locks || count >= limit { break }
      count += 1
    }
    return count
  }

  private func group(of index: Int, in batch: [Group]) -> Int {
    var position = 0
    for (number, group) in batch.enumerated() {
      position += group.count
      if index < position { return number }
    }
    return batch.count - 1
  }

  private func adapted(_ limit: Int, _ size: Int, _ held: Duration) -> Int {
    let wanted = transaction.lockTimeout * Self.workShare
    guard size >= 10, held > .zero else { return limit }
    let rate = Double(size) / max(held / Duration.milliseconds(1), 0.001)
    return max(1, min(limit * 4, Int(rate * (wanted / Duration.milliseconds(1)))))
  }

  /// Tries what others have locked, each by itself.
  ///
  /// While setup waits for a lock, others queue behind it; so in each round it waits once for any one blocker,
  /// and leaves the rest of what that blocker holds for the next round.
  private func retry(_ deferred: [Group], _ outcome: inout BatchOutcome) async throws {
    var left = deferred
    var pause = Self.firstPause
    var announced: Set<Int> = []
    for round in 1...Self.rounds where !left.isEmpty {
      if round > 1 {
        try await Task.sleep(for: pause * Double.random(in: 0.5...1.5))
        pause *= 2
      }
      observer.receive(.retrying(round: round, of: Self.rounds, left: left.count))
      let holders = try await Blockers.holders(
        of: left.compactMap { $0[0].action.target }, transaction.session)
      var waitedFor: Set<Int> = []
      var still: [Group] = []
      for (number, group) in left.enumerated() {
        if stopped(&outcome) {
          still += left[number...]
          break
        }
        let target = group[0].action.target
        let pids = target.flatMap { $0.catalog == .relation ? holders[$0.oid] : nil } ?? []
        if !pids.isEmpty, pids.isSubset(of: waitedFor) {
          still.append(group)
          continue
        }
        if try await attempt(group, &outcome) { continue }
        still.append(group)
        guard let target else { continue }
        let blockers = try await Blockers.of(target, transaction.session)
        waitedFor.formUnion(pids.union(blockers.map(\.pid)))
        if blockers.isEmpty || !blockers.allSatisfy({ announced.contains($0.pid) }) {
          announced.formUnion(blockers.map(\.pid))
          observer.receive(.waiting(object: group[0].object, blockers: blockers))
        }
      }
      left = still
      if outcome.interrupted { break }
    }
    await leave(left, &outcome)
  }

  /// - Returns: false when somebody else still has it locked.
  private func attempt(_ group: Group, _ outcome: inout BatchOutcome) async throws -> Bool {
    do {
      outcome.notices += try await transaction.run(group).notices
      outcome.done += group.count
      observer.receive(.progressed(step: step, done: outcome.done, total: outcome.total))
      return true
    } catch Transaction.Failure.refused(_, let reason) {
      outcome.left.append(LeftBehind(group[0], reason: reason))
      return true
    } catch Transaction.Failure.lockTableFull {
      outcome.left.append(
        LeftBehind(
          group[0], reason: "the server's lock table is full (max_locks_per_transaction)", isLocked: true))
      return true
    } catch is Transaction.Failure {
      return false
    }
  }

  private func leave(_ groups: [Group], _ outcome: inout BatchOutcome) async {
    for group in groups {
      var blockers: [Blocker] = []
      if let object = group[0].action.target {
        blockers = (try? await Blockers.of(object, transaction.session)) ?? []
      }
      outcome.left.append(
        LeftBehind(group[0], reason: "locked by another session", blockers: blockers, isLocked: true))
    }
  }

  private func stopped(_ outcome: inout BatchOutcome) -> Bool {
    guard interruption.isRequested else { return false }
    if !outcome.interrupted { observer.receive(.interrupted) }
    outcome.interrupted = true
    return true
  }
}
