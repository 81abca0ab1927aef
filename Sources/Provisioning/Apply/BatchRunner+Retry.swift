internal import Postgres

/// What somebody else has locked.
extension BatchRunner {
  /// How often a round waits at most, whoever holds what; the rest waits for the next round.
  private static let waitsPerRound = 8

  /// Tries what others have locked, in rounds.
  ///
  /// While setup waits for a lock, others queue behind it; so in each round it waits once for any one holder, however
  /// much that one holds. What has become free goes on in batches.
  func retry(_ locked: [Group], _ outcome: inout BatchOutcome) async throws {
    var left = locked
    var pause = Self.firstPause
    var announced: Set<String> = []
    for round in 1...Self.rounds where !left.isEmpty && !outcome.interrupted {
      if round > 1 {
        try await Task.sleep(for: pause * Double.random(in: 0.5...1.5))
        pause *= 2
      }
      observer.receive(.retrying(round: round, of: Self.rounds, left: left.count))
      var waits = Waits()
      var isMoving = true
      while isMoving, !left.isEmpty, !outcome.interrupted {
        let holders = try await LockHolders.read(
          left.compactMap { $0[0].action.target }, transaction.session)
        let isHeld = { (group: Group) in !holders.transactions(on: group[0].action.target).isEmpty }
        let free = left.filter { !isHeld($0) }
        // Most of it may have become free at once; the few that only look free are waited for below.
        left = left.filter(isHeld) + (free.isEmpty ? [] : try await work(through: free, &outcome))
        isMoving = try await wait(for: &left, holders, &waits, &announced, &outcome)
      }
    }
    await leave(left, &outcome)
  }

  /// What a round has waited for.
  private struct Waits {
    var holders: Set<String> = []
    var count = 0
  }

  /// Waits once for every holder that this round has not waited for yet.
  ///
  /// - Returns: whether something has become free.
  private func wait(
    for left: inout [Group], _ holders: LockHolders, _ waits: inout Waits, _ announced: inout Set<String>,
    _ outcome: inout BatchOutcome
  ) async throws -> Bool {
    var isMoving = false
    var still: [Group] = []
    for (number, group) in left.enumerated() {
      if stopped(&outcome) || waits.count >= Self.waitsPerRound {
        still += left[number...]
        break
      }
      let held = holders.transactions(on: group[0].action.target)
      guard held.isEmpty || !held.isSubset(of: waits.holders) else {
        still.append(group)
        continue
      }
      waits.count += 1
      waits.holders.formUnion(held)
      if try await attempt(group, &outcome) {
        isMoving = true
        continue
      }
      still.append(group)
      if held.isEmpty || !held.isSubset(of: announced) {
        announced.formUnion(held)
        observer.receive(.waiting(object: group[0].object, blockers: holders.blockers(held)))
      }
    }
    left = still
    return isMoving
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
    } catch Transaction.Failure.stale(let setAside) {
      outcome.left.append(LeftBehind(group[0], reason: setAside.first?.reason ?? "", isStale: true))
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

  /// Reports it with who holds it.
  func leave(_ groups: [Group], _ outcome: inout BatchOutcome) async {
    guard !groups.isEmpty else { return }
    let holders = try? await LockHolders.read(
      groups.compactMap { $0[0].action.target }, transaction.session)
    for group in groups {
      let held = holders?.transactions(on: group[0].action.target) ?? []
      outcome.left.append(
        LeftBehind(
          group[0], reason: "locked by another session", blockers: holders?.blockers(held) ?? [],
          isLocked: true))
    }
  }
}
