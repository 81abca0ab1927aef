internal import Postgres

/// CREATE on a schema or the database, lent to a role for as long as objects are handed to it: an owner needs it at
/// the moment of the change (https://www.postgresql.org/docs/current/sql-altertable.html), but not afterwards.
///
/// Schemas and databases themselves change hands in transactions of their own: to take CREATE from a role that has
/// become the owner meanwhile would be another thing than to take back a loan.
struct CreateLoan {
  private struct Loan: Hashable {
    var container: String
    var role: String
    /// What CREATE is on, and to whom, in SQL.
    var containerSQL: String
    var roleSQL: String
    var isDatabase: Bool
  }

  private let loans: [Loan]

  static func needed(for changes: [Change], _ server: ServerFacts, _ session: Session) async throws
    -> CreateLoan
  {
    guard !server.isSuperuser else { return CreateLoan(loans: []) }
    var wanted: Set<Loan> = []
    for change in changes {
      guard case .alterOwner(let object, let owner) = change.action else { continue }
      if let schema = object.schema {
        wanted.insert(
          Loan(
            container: schema.name, role: owner.name, containerSQL: "SCHEMA \(schema.quoted)",
            roleSQL: owner.quoted,
            isDatabase: false))
      } else if object.catalog == .publication {
        let database = try await session.identifier(server.database)
        wanted.insert(
          Loan(
            container: database.name, role: owner.name, containerSQL: "DATABASE \(database.quoted)",
            roleSQL: owner.quoted, isDatabase: true))
      }
    }
    var needed: [Loan] = []
    for loan in wanted.sorted(by: { ($0.containerSQL, $0.role) < ($1.containerSQL, $1.role) }) {
      let has = try await session.query(
        loan.isDatabase
          ? "SELECT has_database_privilege(r.oid, $2::name, 'CREATE') FROM pg_roles r WHERE r.rolname = $1::name"
          : """
          SELECT has_schema_privilege(r.oid, n.oid, 'CREATE') FROM pg_roles r, pg_namespace n
          WHERE r.rolname = $1::name AND n.nspname = $2::name
          """, [loan.role, loan.container])
      if has.count == 1, !has.flag(0, 0) { needed.append(loan) }
    }
    return CreateLoan(loans: needed)
  }

  func take(_ session: Session) async throws {
    guard !loans.isEmpty else { return }
    try await session.execute(statements("GRANT", "TO").joined(separator: ";\n"))
  }

  var giveBackStatements: [String] { statements("REVOKE", "FROM") }

  private func statements(_ verb: String, _ preposition: String) -> [String] {
    loans.map { "\(verb) CREATE ON \($0.containerSQL) \(preposition) \($0.roleSQL)" }
  }
}
