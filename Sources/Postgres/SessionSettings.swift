/// Settings that a session has from its first byte on, whatever its database, its role and the owners of both say.
///
/// They travel in the startup packet (`options`), and so win over `ALTER DATABASE … SET` and `ALTER ROLE … SET`, which
/// a plain owner may use: with a search path of the owner's choosing even `<>` in the first query could be the owner's
/// function, run with our rights (CVE-2018-1058).
/// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-OPTIONS
public struct SessionSettings: Sendable {
  /// Name and value as `current_setting` shows it.
  let required: [(name: String, value: String)]

  /// How long the server may take over one statement.
  let statementTimeout: Duration

  /// For sessions that read catalogs or change roles and owners.
  public static let catalogs = SessionSettings(statementTimeout: .seconds(60))

  /// The same with another limit for each statement. What changes something says BEGIN READ WRITE.
  public init(statementTimeout: Duration) {
    self.statementTimeout = statementTimeout
    required = Self.safe + [("statement_timeout", Self.text(statementTimeout)), ("lock_timeout", "0")]
  }

  private static let safe: [(name: String, value: String)] = [
    // pg_temp would be searched first for tables and types if it were not named.
    ("search_path", "pg_catalog,pg_temp"),
    ("default_transaction_read_only", "on"),
    // Guards look again inside a transaction for what others have committed meanwhile.
    ("default_transaction_isolation", "read committed"),
    ("default_transaction_deferrable", "off"),
    // A table's policies are functions, too: an error instead of running one.
    ("row_security", "off"),
    ("transform_null_equals", "off"),
    ("standard_conforming_strings", "on"),
    ("quote_all_identifiers", "off"),
    ("client_min_messages", "warning"),
  ]

  /// A time as the server shows it: in the largest unit that it is a whole number of, days apart.
  private static func text(_ time: Duration) -> String {
    let milliseconds = max(1, Int(time / .milliseconds(1)))
    let units = [("h", 3_600_000), ("min", 60_000), ("s", 1000), ("ms", 1)]
    let (unit, size) = units.first { milliseconds.isMultiple(of: $0.1) } ?? ("ms", 1)
    return "\(milliseconds / size)\(unit)"
  }

  /// The `options` of the startup packet: `given` stays, and what stands after it wins.
  ///
  /// Nobody but the operator decides which role the session works as, so that alone stands first.
  func options(after given: String) -> String {
    let ours = required.map { "-c \($0.name)=\(Self.escaped($0.value))" }
    return (["-c role=none", given].filter { !$0.isEmpty } + ours).joined(separator: " ")
  }

  /// The statement that shows what holds; it uses no operator, and no function that is not qualified.
  var question: String {
    "SELECT session_user, current_user, "
      + required.map { "pg_catalog.current_setting('\($0.name)')" }.joined(separator: ", ")
  }

  /// - Throws: `PostgresError` that names the first setting which does not hold.
  func check(_ answer: ResultSet, options given: String) throws {
    guard answer.count == 1, answer.columns == required.count + 2 else {
      throw refusal("the server does not tell the settings of this session")
    }
    for (column, setting) in required.enumerated() {
      let found = answer.text(0, column + 2)
      guard found.filter({ $0 != " " }) == setting.value.filter({ $0 != " " }) else {
        throw refusal("\(setting.name) is \"\(found)\" in this session instead of \"\(setting.value)\"")
      }
    }
    guard answer.text(0, 0) == answer.text(0, 1) || given.contains("role=") else {
      throw refusal("this session works as role \"\(answer.text(0, 1))\" instead of \"\(answer.text(0, 0))\"")
    }
  }

  /// A server that knows the parameter and will not have it, as connection poolers do.
  func refusal(_ words: String) -> PostgresError {
    PostgresError(
      phase: .connecting, message: words,
      detail: "settings of a database or role must not decide whose functions run in this session",
      hint: "connect to the server itself: a connection pooler or proxy in between drops startup options")
  }

  /// Spaces separate arguments there; a backslash takes their meaning away.
  private static func escaped(_ value: String) -> String {
    value.split(separator: " ", omittingEmptySubsequences: false).joined(separator: "\\ ")
  }
}
