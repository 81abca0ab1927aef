public import Provisioning

/// A plan as a script that psql runs with the same result: the same transactions, guards and loans.
public struct PlanScript: Sendable {
  let plans: [Plan]

  public init(_ plans: [Plan]) { self.plans = plans }

  public func write(to output: (String) throws -> Void) throws {
    try output(
      """
      -- Made by dbauth-admin setup plan --format sql. Run it with: psql -X -f FILE, connected as planned below.
      -- It has no journal: dbauth-admin setup revert cannot undo it.
      \\set ON_ERROR_STOP on
      SET search_path = pg_catalog, pg_temp;

      """)
    for plan in plans { try write(plan, output) }
  }

  private func write(_ plan: Plan, _ output: (String) throws -> Void) throws {
    let server = plan.server
    try output(
      "\n-- database \(Self.comment(server.database)) as \(Self.comment(server.user)), \(server.summary)\n")
    if plans.count > 1 {
      try output(
        "\\connect -reuse-previous=on \(Self.metaArgument(server.database))\nSET search_path = pg_catalog, pg_temp;\n"
      )
    }
    for transaction in plan.transactions() {
      try output("\nBEGIN;\nSET LOCAL lock_timeout = \(plan.lockTimeoutMilliseconds);\n")
      if server.hasMembershipOptions { try output("SET LOCAL createrole_self_grant = '';\n") }
      for change in transaction.beforeLoans { try output("\(change.sql);\n") }
      for loan in transaction.loans { try output("\(loan.take);\n") }
      for change in transaction.underLoans { try output("\(change.sql);\n") }
      for loan in transaction.loans { try output("\(loan.giveBack);\n") }
      try output(plan.lockoutStatement + "COMMIT;\n")
    }
  }

  private static func comment(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 32 ? " " : $0 }))
  }

  /// A database for psql's \\connect, which would take a bare name for a conninfo string: the name quoted as a
  /// conninfo value, and that as psql's argument, where control characters are written as escapes.
  static func metaArgument(_ name: String) -> String {
    var value = "dbname='"
    for character in name.unicodeScalars {
      if character == "'" || character == "\\" { value += "\\" }
      value.unicodeScalars.append(character)
    }
    value += "'"
    var argument = "'"
    for scalar in value.unicodeScalars {
      switch scalar {
      case "'": argument += "\\'"
      case "\\": argument += "\\\\"
      case "\n": argument += "\\n"
      case "\r": argument += "\\r"
      case "\t": argument += "\\t"
      default: argument.unicodeScalars.append(scalar)
      }
    }
    return argument + "'"
  }
}
