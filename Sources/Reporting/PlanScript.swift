internal import AccessModel
public import Provisioning

/// A plan as a script that psql runs with the same result: the same transactions, guards and loans.
///
/// The script is ASCII, and nothing in it is psql's but the lines written here: whatever a server calls its objects, and
/// whatever settings and encodings it makes psql believe in, no name leaves its quotation marks and no comment its line.
/// Should that ever fail, psql takes no further command of its own between `\restrict` and `\unrestrict` (CVE-2025-8714).
public struct PlanScript: Sendable {
  let plans: [Plan]
  /// The word that ends psql's restriction; a script that could guess it could end it.
  let key: String

  public init(_ plans: [Plan]) {
    var random = SystemRandomNumberGenerator()
    self.init(plans, using: &random)
  }

  init(_ plans: [Plan], using random: inout some RandomNumberGenerator) {
    self.plans = plans
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    // As long as pg_dump's, which has 380 bits.
    key = String((0..<63).map { _ in letters[Int.random(in: 0..<letters.count, using: &random)] })
  }

  /// - Throws: ``UnwritableStatement`` for a statement that is not what setup's are, and what `output` throws.
  public func write(to output: (String) throws -> Void) throws {
    try output(
      """
      -- Made by dbauth-admin setup plan --format sql. Run it with: psql -X -f FILE, connected as planned below.
      -- It has no journal: dbauth-admin setup revert cannot undo it.
      -- What other sessions grant meanwhile and have not committed is waited for. What remains: roles that the login of
      -- the script does not administer cannot be locked (PostgreSQL 16 and later), and a psql that is ended between a COMMIT and
      -- the statements after it has not looked (15 and older). dbauth-admin setup verify tells whether somebody is locked out.
      -- psql has to be 13.22, 14.19, 15.14, 16.10, 17.6, 18 or later: an older one does not know \\restrict, and stops
      -- there, before anything is done. For an older one delete the lines that begin with \\restrict and \\unrestrict.
      \\set ON_ERROR_STOP on
      \(beginning)
      """)
    for plan in plans { try write(plan, output) }
    try output("\n\\unrestrict \(key)\n")
  }

  /// What stands in front of the statements for a database.
  private var beginning: String {
    "\\restrict \(key)\nSET search_path = pg_catalog, pg_temp;\n"
  }

  private func write(_ plan: Plan, _ output: (String) throws -> Void) throws {
    let server = plan.server
    try output("\n\(SQLText.comment("database \(server.database) as \(server.user), \(server.summary)"))\n")
    if plans.count > 1 {
      try output(
        "\\unrestrict \(key)\n\\connect -reuse-previous=on \(Self.metaArgument(server.database))\n\(beginning)"
      )
    }
    let guards = ScriptGuards(plan)
    for transaction in plan.transactions() {
      try output("\n" + (transaction.addsMemberships ? guards.before : ""))
      try output("BEGIN;\nSET LOCAL lock_timeout = \(plan.lockTimeoutMilliseconds);\n")
      if server.hasMembershipOptions { try output("SET LOCAL createrole_self_grant = '';\n") }
      for change in transaction.beforeLoans { try output(Self.line(change.sql)) }
      for loan in transaction.loans { try output(Self.line(loan.take)) }
      for change in transaction.underLoans { try output(Self.line(change.sql)) }
      for loan in transaction.loans { try output(Self.line(loan.giveBack)) }
      for judgement in transaction.judgements { try output(guards.unchanged(judgement)) }
      if transaction.addsMemberships { try output(guards.inside) }
      try output(guards.lockOut + "COMMIT;\n")
      if transaction.addsMemberships {
        let resumptions = try transaction.resumptions.map {
          (role: $0.role, line: try Self.line($0.statement))
        }
        try output(guards.after(try transaction.revocations.map(Self.line), resumptions))
      }
    }
  }

  private static func line(_ sql: String) throws -> String {
    guard let statement = SQLStatement(sql) else { throw UnwritableStatement(sql: sql) }
    return statement.text(.script) + ";\n"
  }

  /// A database for psql's \\connect, which would take a bare name for a conninfo string: the name quoted as a
  /// conninfo value, and that as psql's argument, where all but letters and digits are written as octal bytes.
  static func metaArgument(_ name: String) -> String {
    var value = ""
    for character in name.unicodeScalars {
      if character == "'" || character == "\\" { value += "\\" }
      value.unicodeScalars.append(character)
    }
    let bytes = value.utf8.map { byte -> String in
      let character = Unicode.Scalar(byte)
      if character.properties.isAlphabetic && character.isASCII
        || "0123456789_".unicodeScalars.contains(character)
      {
        return String(character)
      }
      let digits = String(byte, radix: 8)
      return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }
    return "'dbname=\\047\(bytes.joined())\\047'"
  }
}

/// A statement that a script cannot have: psql might read it otherwise than the server.
public struct UnwritableStatement: Error, CustomStringConvertible {
  let sql: String

  public var description: String {
    "the plan has a statement that psql might read in another way, so no script was written: \(ShownText.line(sql))"
  }
}
