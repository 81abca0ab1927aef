/// A role as a journal names it, and as it is called today.
struct PastRole: Sendable, Hashable {
  var journaled: String
  /// Nil: it no longer exists.
  var name: String?

  static func == (one: PastRole, other: PastRole) -> Bool {
    one.name == nil && other.name == nil ? one.journaled == other.journaled : one.name == other.name
  }

  func hash(into hasher: inout Hasher) { hasher.combine(name ?? journaled) }
}

/// A journaled change with today's names of roles and databases.
struct PastChange: Sendable {
  var journaled: JournaledChange
  /// Its place in the journal.
  var number: Int
  /// The run of apply that made it, by the place of its record.
  var run: Int?
  var undo: JournaledChange.Undo { journaled.undo }
  var object: String { journaled.object }
  var from: PastRole?
  var to: PastRole?
  var role: PastRole?
  var member: PastRole?
  /// Rows that name a role that no longer exists are left out.
  var memberships: [MembershipRow] = []
  /// The database of the transaction.
  let databaseOID: UInt32
  /// What it is called today; nil: it has been dropped.
  let database: String?

  init(
    _ change: JournaledChange, _ roles: JournaledRoles, number: Int, database: (oid: UInt32, name: String?)
  ) {
    journaled = change
    self.number = number
    databaseOID = database.oid
    self.database = database.name
    from = change.from.map(roles.role)
    to = change.to.map(roles.role)
    role = change.role.map { roles.role($0, number: change.undo == .dropRole ? change.roleOID : nil) }
    member = change.member.map(roles.role)
    memberships = (change.memberships ?? []).compactMap { row in
      guard let role = roles.name(row.role), let member = roles.name(row.member),
        let grantor = roles.name(row.grantor)
      else { return nil }
      var row = row
      (row.role, row.member, row.grantor) = (role, member, grantor)
      return row
    }
    self.roles = roles
  }

  /// For privileges, which are texts full of names.
  let roles: JournaledRoles
}

/// Finds the roles that a journal names: by number where it has the number, for names can change.
struct JournaledRoles: Sendable {
  private var numbers: [String: UInt32]
  private let today: [UInt32: String]
  private let names: Set<String>

  /// - Parameters:
  ///   - numbers: what the journal says; empty when an older version wrote it.
  ///   - today: every role of the server.
  init(numbers: [String: UInt32], today: [String: UInt32]) {
    self.numbers = numbers
    self.today = Dictionary(today.map { ($0.value, $0.key) }, uniquingKeysWith: { first, _ in first })
    names = Set(today.keys)
  }

  /// What the role is called today; nil: it no longer exists.
  func name(_ journaled: String, number: UInt32? = nil) -> String? {
    if let number = number ?? numbers[journaled] { return today[number] }
    return names.contains(journaled) ? journaled : nil
  }

  func role(_ journaled: String) -> PastRole { PastRole(journaled: journaled, name: name(journaled)) }

  func role(_ journaled: String, number: UInt32?) -> PastRole {
    PastRole(journaled: journaled, name: name(journaled, number: number))
  }

  /// Takes in a role that setup itself has created.
  mutating func add(_ name: String, _ number: UInt32) { numbers[name] = number }
}
