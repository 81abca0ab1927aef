/// The kind of database that listens behind an endpoint.
public enum DatabaseEngine: String, CaseIterable, Sendable {
  case postgresql
  case mysql
  case mariadb
  /// Aurora DSQL: PostgreSQL's protocol, tokens of its own.
  case dsql
  /// Amazon Keyspaces: Cassandra's protocol over TLS.
  case keyspaces

  /// The port that the engine listens on unless told otherwise.
  public var defaultPort: Int {
    switch self {
    case .postgresql, .dsql: 5432
    case .mysql, .mariadb: 3306
    case .keyspaces: 9142
    }
  }
}
