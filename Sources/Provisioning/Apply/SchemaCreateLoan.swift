internal import Postgres

/// CREATE on a schema, lent to a role for as long as objects are handed to it: an owner needs it at the moment
/// of the change (https://www.postgresql.org/docs/current/sql-altertable.html), but not afterwards.
struct SchemaCreateLoan {
  struct Loan: Hashable {
    var schema: String
    var role: String
    var schemaSQL: String
    var roleSQL: String
  }

  let loans: [Loan]

  init(_ loans: [Loan]) { self.loans = loans }

  static func needed(for changes: [Change], _ server: ServerFacts, _ session: Session) async throws -> [Loan]
  {
    guard !server.isSuperuser else { return [] }
    var wanted: Set<Loan> = []
    for change in changes {
      guard case .alterOwner(let object, let owner) = change.action, let schema = object.schema else {
        continue
      }
      wanted.insert(
        Loan(schema: schema.name, role: owner.name, schemaSQL: schema.quoted, roleSQL: owner.quoted))
    }
    var needed: [Loan] = []
    for loan in wanted.sorted(by: { ($0.schema, $0.role) < ($1.schema, $1.role) }) {
      let has = try await session.query(
        """
        SELECT has_schema_privilege(r.oid, n.oid, 'CREATE') FROM pg_roles r, pg_namespace n
        WHERE r.rolname = $1::name AND n.nspname = $2::name
        """, [loan.role, loan.schema])
      if has.count == 1, !has.flag(0, 0) { needed.append(loan) }
    }
    return needed
  }

  func take(_ session: Session) async throws {
    guard !loans.isEmpty else { return }
    try await session.execute(statements("GRANT", "TO").joined(separator: ";\n"))
  }

  var giveBackStatements: [String] { statements("REVOKE", "FROM") }

  private func statements(_ verb: String, _ preposition: String) -> [String] {
    loans.map { "\(verb) CREATE ON SCHEMA \($0.schemaSQL) \(preposition) \($0.roleSQL)" }
  }
}
