public import AccessModel

/// Where and how to connect, in libpq's own keywords.
///
/// What is not set here libpq takes from its environment variables, service file and password file, as psql
/// does: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
public struct ConnectionParameters: Sendable {
  /// Keyword and value, in libpq's order of precedence: a later one wins.
  public private(set) var keywords: [(keyword: String, value: String)] = []
  /// Kept apart from the keywords so that it cannot be printed with them.
  public var password: Secret?
  /// Secrets of the run besides this connection's own, which no message of the server may repeat either.
  public var redactor = Redactor()
  /// How long connecting may take; libpq's `connect_timeout` does not bound a non-blocking connection.
  public var connectTimeout: Duration = .seconds(15)

  /// What holds in the session whatever the database or the role has set; nil leaves it as the user's programs get it.
  public var settings: SessionSettings?

  public init() {}

  /// Sets a keyword unless the value is nil.
  public mutating func set(_ keyword: String, _ value: String?) {
    guard let value else { return }
    keywords.removeAll { $0.keyword == keyword }
    keywords.append((keyword, value))
  }

  /// Sets a keyword that wins over what a URI or conninfo string given as the database says.
  public mutating func override(_ keyword: String, _ value: String) {
    overrides.append((keyword, value))
  }

  /// The same server, another database.
  public func database(_ name: String) -> ConnectionParameters {
    var copy = self
    copy.override("dbname", name)
    return copy
  }

  /// In order; they follow the database's own keywords.
  var overrides: [(keyword: String, value: String)] = []
}
