internal import Postgres

/// How many locks a transaction may take, and how changes are cut into batches that fit.
struct LockBudget: Sendable {
  let perBatch: Int

  /// Left for what PostgreSQL locks on the side: catalogs, roles, the database.
  static let reserve = 32
  /// Two fifths of what is free: another session that needs many locks still finds them.
  static let share = 0.4

  /// More than any setting of max_locks_per_transaction gives: a server may say any number.
  static let mostLocks = 1 << 50

  private let server: ServerFacts

  init(server: ServerFacts, request: SetupRequest) {
    self.server = server
    func bounded(_ locks: Int) -> Int { min(max(locks, 0), Self.mostLocks) }
    let free = max(0, bounded(server.lockCapacity) - bounded(server.locksHeld))
    perBatch = max(Self.reserve + 1, request.batchLocks ?? Int(Double(free) * Self.share))
  }

  /// Cuts changes into runs whose locks fit. One object dearer than the budget gets a batch of its own.
  func batches(of changes: ArraySlice<Change>, atMost limit: Int = .max) -> [ArraySlice<Change>] {
    var batches: [ArraySlice<Change>] = []
    var start = changes.startIndex
    var locks = Self.reserve
    for index in changes.indices {
      let price = changes[index].locks
      if index > start, locks + price > perBatch || index - start >= limit, !changes[index].followsPrevious {
        batches.append(changes[start..<index])
        start = index
        locks = Self.reserve
      }
      locks += price
    }
    if start < changes.endIndex { batches.append(changes[start...]) }
    return batches
  }

  func estimate(for changes: [Change]) -> LockEstimate {
    let objects = changes.filter { $0.step == .ownership }
    return LockEstimate(
      total: objects.reduce(0) { $0 + $1.locks }, perBatch: perBatch,
      batches: batches(of: objects[...]).count, capacity: server.lockCapacity, held: server.locksHeld)
  }
}

extension Change {
  /// It touches role catalogs alone, and can therefore be tried and rolled back without a lock on any table.
  var concernsRoles: Bool {
    switch action {
    case .createRole, .grantRole, .setLoginRole, .dropRole, .restoreMembership, .resetLoginRole: true
    case .grant(_, let object, _): object.kind == .database && step == .privileges
    case .alterOwner, .grantByDefault, .revokeByDefault, .restoreAccess: false
    }
  }

  /// The statement that takes a table's own lock before those of its indexes and sequences; nil for what has no more
  /// than one, or cannot be locked by itself.
  var lockStatement: String? {
    guard case .alterOwner(let object, _) = action, object.kind == .table else { return nil }
    return "LOCK TABLE ONLY \(object.sql) IN ACCESS EXCLUSIVE MODE"
  }

  /// The move is complete without it, with something for the application to do.
  var isConvenience: Bool {
    if case .setLoginRole = action { return true }
    return false
  }

  /// It makes the IAM user one.
  var grantsIAM: Bool { step == .rdsIAM && interim == nil }

  /// Whose new objects it concerns.
  var creator: String? {
    switch action {
    case .grantByDefault(_, let owner), .revokeByDefault(_, let owner): owner.name
    default: nil
    }
  }

  /// It needs an owner's privileges, which are borrowed after the roles exist.
  var needsLoan: Bool { !concernsRoles || touchesDatabase }

  /// It changes who may connect.
  var touchesDatabase: Bool { action.target?.catalog == .database }

  /// It makes somebody a member of a role.
  var addsMembership: Bool {
    if case .grantRole = action { return true }
    return false
  }

  /// Roles whose memberships or settings it changes.
  var rolesChanged: [String] {
    switch action {
    case .grantRole(let role, let member, _): [role.name, member.name]
    case .setLoginRole(let member, _, _, _): [member.name]
    default: []
    }
  }

  /// It creates a role, whose OID is known only afterwards.
  var createsRole: Bool {
    if case .createRole = action { return true }
    return false
  }

  /// What has to have changed hands before it: schemas (0) need CREATE on the database (1), objects (2) need CREATE
  /// in both. Undoing goes the other way.
  var containment: Int {
    switch action.target?.catalog {
    case .namespace?: 0
    case .database?: 1
    default: 2
    }
  }

  /// Who grants, when that is not the object's owner at the time of planning: in one transaction with a change
  /// of owner it is the new one.
  var grantor: String? {
    if case .grant = action { return from }
    return nil
  }

  /// A grant that keeps somebody's access belongs into the transaction of the change of owner before it.
  var followsPrevious: Bool {
    if case .grant = action, step == .ownership { return true }
    return false
  }
}
