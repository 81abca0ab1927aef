/// How an object was before setup, and what setup has done to it since: the names are today's.
struct WayBack: Sendable {
  enum Step: Sendable {
    case owner(String)
    /// Privileges by their letters; no role is PUBLIC.
    case grant(role: String?, letters: [Character])
  }

  /// An object, one of its columns, or a sequence that follows it.
  enum Part: Hashable, Sendable {
    case object
    case column(String)
    case sequence(UInt32)
  }

  var owner: String
  /// The lists that were not at their default.
  var access: [Part: AccessList] = [:]
  /// Oldest first.
  var steps: [Step] = []
  /// The same for sequences that follow a table and that something was granted on.
  var sequenceSteps: [UInt32: [Step]] = [:]
  /// What was granted on every sequence that follows it.
  var followerGrants: [Step] = []

  func steps(of part: Part) -> [Step] {
    switch part {
    case .object: steps
    case .sequence(let oid): sequenceSteps[oid] ?? owners + followerGrants
    case .column: owners
    }
  }

  private var owners: [Step] {
    steps.filter { if case .owner = $0 { true } else { false } }
  }

  /// Setup granted something on it, or on a sequence that follows it.
  var hasGrants: Bool { !grantedRoles.isEmpty || !sequenceSteps.isEmpty }

  /// Roles to which setup granted something.
  var grantedRoles: Set<String> {
    Set(steps.compactMap { if case .grant(let role, _) = $0 { role } else { nil } })
  }
}
