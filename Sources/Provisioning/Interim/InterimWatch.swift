internal import Postgres

/// Which interim memberships are in force while a plan is run, and what becomes of them when it does not come to its end.
final class InterimWatch {
  private let plan: Plan
  private let observer: any SetupObserver
  private var inForce: Set<InterimMembership>

  init(plan: Plan, observer: any SetupObserver) {
    self.plan = plan
    self.observer = observer
    let begun = Set(plan.changes.filter { $0.interim == .begins }.compactMap(\.interimMembership))
    inForce = Set(plan.interimMemberships).subtracting(begun)
  }

  /// Says what is in force from earlier runs.
  func begin() {
    if !inForce.isEmpty { tell() }
  }

  /// These changes are in force by now.
  func committed(_ changes: [Change]) {
    let before = inForce
    for change in changes {
      guard let membership = change.interimMembership else { continue }
      if change.interim == .begins { inForce.insert(membership) } else { inForce.remove(membership) }
    }
    if inForce != before { tell() }
  }

  private func tell() { observer.receive(.interim(texts(inForce))) }

  /// Where not everything has moved, the old application goes on working, and what would end that waits.
  ///
  /// - Returns: how many changes wait.
  func putOff(_ changes: inout [Change]) -> Int {
    let count = changes.count
    let leadsToIAM = plan.leadsToIAM
    changes.removeAll { $0.interim == .ends || leadsToIAM && $0.grantsIAM }
    return count - changes.count
  }

  /// What stays in force at the end of a run.
  func notices(_ server: ServerFacts, _ session: Session) async throws -> [String] {
    // The plan for the last database has them all.
    let wanted = plan.changes.filter { $0.interim == .ends }.compactMap(\.interimMembership)
    return try await InterimMembership.texts(inForce.intersection(wanted), server, session).map {
      "\($0) \(Self.goesOn)"
    }
  }

  private func texts(_ memberships: Set<InterimMembership>) -> [String] { memberships.map(\.text).sorted() }

  private static let goesOn =
    "for as long as not everything has moved, so that it can be worked with: the same command ends that when it has, "
    + "and setup revert does"
}
