internal import Postgres

/// Everything one transaction borrows: memberships, and CREATE in schemas.
struct TransactionLoans {
  let memberships: BorrowedMemberships
  let containers: CreateLoan
  private let before: [MembershipRow]
  private let digest: String

  /// Borrows what the changes need that the operator has not got.
  static func take(
    for changes: [Change], _ grantors: Set<Identifier>, _ server: ServerFacts, _ session: Session
  ) async throws -> TransactionLoans {
    let needed = try await BorrowedMemberships.needed(for: changes, server, session)
    let others = try await BorrowedMemberships.unavailable(grantors, server, session)
    let roles = needed + others.filter { !needed.contains($0) }
    let memberships = BorrowedMemberships(
      roles: roles, operatorRole: try await session.identifier(server.user),
      explicitOptions: server.hasMembershipOptions)
    let digest =
      roles.isEmpty ? "" : try await session.query("SELECT \(memberships.digest(session))").text(0, 0)
    let before: [MembershipRow]
    do {
      before = try await memberships.take(session)
    } catch let error as PostgresError where !error.connectionLost {
      let role = roles[min(error.completedStatements, roles.count - 1)].name
      let index = changes.firstIndex { $0.needs(role) } ?? 0
      throw error.isLockConflict
        ? Transaction.Failure.blocked(index: index, error) : .refused(index: index, error.description)
    }
    let containers = try await CreateLoan.needed(for: changes, server, session)
    try await containers.take(session)
    return TransactionLoans(memberships: memberships, containers: containers, before: before, digest: digest)
  }

  /// The statements that give it all back and fail unless the operator's memberships are what they were.
  func closing(_ session: Session) async throws -> [String] {
    var statements = containers.giveBackStatements
    guard !memberships.roles.isEmpty else { return statements }
    statements += try await memberships.giveBackStatements(before, session)
    let expected = try await session.literal(digest)
    statements.append(GuardAssertion.statement("\(try await memberships.digest(session)) = \(expected)"))
    return statements
  }

  /// The same step by step, for when the reason of a failure is wanted.
  func giveBack(_ session: Session) async throws {
    let statements = containers.giveBackStatements
    if !statements.isEmpty { try await session.execute(statements.joined(separator: ";\n")) }
    try await memberships.giveBack(before, session)
  }
}

extension Change {
  /// It cannot be made without this role's privileges.
  fileprivate func needs(_ role: String) -> Bool {
    // The database's owner is borrowed for `pg_database_owner`.
    rolesNeeded.contains(role) || wayBack?.access.values.contains { $0.roles.contains(role) } == true
      || rolesNeeded.contains("pg_database_owner")
  }
}

/// A condition the server checks among other statements: where it does not hold, the transaction fails.
///
/// Division by zero needs no procedural language, and nothing else in such a message divides.
enum GuardAssertion {
  /// `division_by_zero`.
  static let sqlstate = "22012"

  static func statement(_ condition: String) -> String { "SELECT 1 / (\(condition))::int" }
}
