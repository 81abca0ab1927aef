internal import Postgres

/// Works through changes of owner in batches that neither exhaust the lock table nor keep anybody waiting.
///
/// What is locked by somebody else is put aside, tried again with growing pauses, and in the end reported with who
/// holds it; what the server refuses is reported; everything else goes on meanwhile.
struct BatchRunner {
  let transaction: Transaction
  let budget: LockBudget
  let step: StepID
  let observer: any SetupObserver
  let interruption: any Interruption

  /// How often what somebody else has locked is waited for.
  static let rounds = 4
  /// The pause before the second round; it doubles, give or take a half.
  static let firstPause: Duration = .milliseconds(100)
  /// Part of the lock timeout that the work of one batch should take.
  static let workShare = 0.4
  /// What one change takes, until it has been measured: several times what it takes on loopback.
  static let assumedCost: Duration = .microseconds(500)

  /// A change of owner and the grants that belong into its transaction.
  typealias Group = [Change]

  /// How much fits one batch, as far as it is known by now.
  private struct Measure {
    var limit: Int
    var locks: Int
    /// The last batch had changes that the server refused: the next one is likely to.
    var sparing = false
  }

  func run(_ changes: [Change]) async throws -> BatchOutcome {
    var outcome = BatchOutcome(total: changes.count)
    observer.receive(.began(step: step, total: changes.count))
    let left = try await work(through: ChangeGroup.ranges(changes).map { Array(changes[$0]) }, &outcome)
    if outcome.interrupted { await leave(left, &outcome) } else { try await retry(left, &outcome) }
    return outcome
  }

  /// Makes what can be made without waiting for anybody.
  ///
  /// - Returns: what somebody else has locked.
  func work(through groups: [Group], _ outcome: inout BatchOutcome) async throws -> [Group] {
    var pending = groups[...]
    var locked: [Group] = []
    let lockTimeout = transaction.lockTimeout
    var measure = Measure(
      limit: max(1, Int((lockTimeout * Self.workShare) / Self.assumedCost)), locks: budget.perBatch)
    while !pending.isEmpty {
      if stopped(&outcome) { break }
      let count = fitting(pending, measure)
      var batch = Array(pending.prefix(count))
      pending = pending.dropFirst(count)
      while !batch.isEmpty {
        do {
          try await commit(batch, &measure, &locked, &outcome)
          break
        } catch let failure as Transaction.Failure {
          switch failure {
          case .busy(let relations):
            let isBusy = { (group: Group) in
              group[0].action.target.map { $0.catalog == .relation && relations.contains($0.oid) } ?? false
            }
            locked += batch.filter(isBusy)
            batch.removeAll(where: isBusy)
          case .stale(let setAside): batch = put(setAside, of: batch, &locked, &outcome, areStale: true)
          case .blocked where batch.count > 1 && !measure.sparing,
            .refused where batch.count > 1 && !measure.sparing:
            measure.sparing = true
          case .blocked:
            // One change, or a role that all of them need.
            locked += batch
            batch = []
          case .refused(let index, let reason):
            batch = put([.init(index: index, reason: reason)], of: batch, &locked, &outcome)
          case .tooLong(let setAside):
            batch = put(setAside, of: batch, &locked, &outcome)
            split(&batch, &pending, &measure, &locked)
          case .lockTableFull:
            measure.locks = max(LockBudget.reserve + 1, measure.locks / 2)
            split(&batch, &pending, &measure, &locked)
          case .guardFailed: split(&batch, &pending, &measure, &locked)
          }
        }
      }
    }
    return locked + pending
  }

  private func commit(
    _ batch: [Group], _ measure: inout Measure, _ locked: inout [Group], _ outcome: inout BatchOutcome
  ) async throws {
    let sparing = measure.sparing && batch.count > 1
    let success = try await transaction.run(batch.flatMap { $0 }, avoidingBusy: true, sparing: sparing)
    if sparing { measure.sparing = !success.setAside.isEmpty }
    let size = put(success.setAside, of: batch, &locked, &outcome).reduce(0) { $0 + $1.count }
    measure.limit = adapted(measure.limit, size, success.held)
    outcome.notices += success.notices
    outcome.done += size
    observer.receive(.progressed(step: step, done: outcome.done, total: outcome.total))
  }

  /// Sorts out what a transaction has set aside.
  ///
  /// - Returns: the rest of the batch.
  private func put(
    _ setAside: [Transaction.SetAside], of batch: [Group], _ locked: inout [Group],
    _ outcome: inout BatchOutcome, areStale: Bool = false
  ) -> [Group] {
    guard !setAside.isEmpty else { return batch }
    var found = setAside.sorted { $0.index < $1.index }[...]
    var rest: [Group] = []
    var end = 0
    for group in batch {
      end += group.count
      guard let first = found.first, first.index < end else {
        rest.append(group)
        continue
      }
      found = found.drop { $0.index < end }
      if let reason = first.reason {
        outcome.left.append(LeftBehind(group[0], reason: reason, isStale: areStale))
      } else {
        locked.append(group)
      }
    }
    return rest
  }

  /// Halves a batch that was too much.
  private func split(
    _ batch: inout [Group], _ pending: inout ArraySlice<Group>, _ measure: inout Measure,
    _ locked: inout [Group]
  ) {
    guard batch.count > 1 else {
      locked += batch
      batch = []
      return
    }
    measure.limit = max(1, batch.count / 2)
    pending = (batch[measure.limit...] + pending)[...]
    batch = Array(batch[..<measure.limit])
  }

  private func fitting(_ groups: ArraySlice<Group>, _ measure: Measure) -> Int {
    var used = LockBudget.reserve
    var count = 0
    for group in groups {
      used += group.reduce(0) { $0 + $1.locks }
      if count > 0, used > measure.locks || count >= measure.limit { break }
      count += 1
    }
    return count
  }

  private func adapted(_ limit: Int, _ size: Int, _ held: Duration) -> Int {
    let wanted = transaction.lockTimeout * Self.workShare
    guard size >= 10, held > .zero else { return limit }
    let rate = Double(size) / max(held / Duration.milliseconds(1), 0.001)
    return max(1, min(limit * 4, Int(rate * (wanted / Duration.milliseconds(1)))))
  }

  func stopped(_ outcome: inout BatchOutcome) -> Bool {
    guard interruption.isRequested else { return false }
    if !outcome.interrupted { observer.receive(.interrupted) }
    outcome.interrupted = true
    return true
  }
}
