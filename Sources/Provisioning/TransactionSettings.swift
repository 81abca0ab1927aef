internal import Postgres

/// What setup sets for itself, so that neither a hanging statement nor an inherited setting does harm.
enum TransactionSettings {
  /// Names in `pg_stat_activity`, so that an administrator sees whose transaction it is.
  static let applicationName = "dbauth-admin setup"

  /// Once per session, beside `SessionSettings.catalogs`, which hold from its first byte on. A backend whose client has
  /// vanished notices while it works (from 14 on) and while it idles. To compile a query of catalogs takes a second, and
  /// to run it some milliseconds.
  static let session = """
    SET idle_in_transaction_session_timeout = '60s';
    SET application_name = '\(applicationName)';
    SET DateStyle = 'ISO';
    SET jit = off;
    SELECT set_config('transaction_timeout', '0', false) WHERE current_setting('server_version_num')::int >= 170000;
    SELECT set_config('client_connection_check_interval', '500ms', false)
      WHERE current_setting('server_version_num')::int >= 140000;
    SELECT set_config('idle_session_timeout', '0', false) WHERE current_setting('server_version_num')::int >= 140000
    """

  /// Opens a transaction that changes something; all others of a session are read-only. From 16 on, a role's creator
  /// could otherwise be made its member on the side.
  static func begin(_ server: ServerFacts, lockTimeout: Duration) -> String {
    var statements = ["BEGIN READ WRITE", lockTimeoutStatement(lockTimeout)]
    // A standby that does not answer must not keep a transaction, and with it its locks, from ending.
    statements.append("SET LOCAL synchronous_commit = local")
    if server.hasMembershipOptions { statements.append("SET LOCAL createrole_self_grant = ''") }
    return statements.joined(separator: "; ")
  }

  /// A client that vanishes in the middle keeps its locks no longer than others may wait.
  static func idleStatement(_ timeout: Duration) -> String {
    "SET LOCAL idle_in_transaction_session_timeout = \(max(100, timeout.milliseconds))"
  }

  static func lockTimeoutStatement(_ timeout: Duration) -> String {
    "SET LOCAL lock_timeout = \(max(1, timeout.milliseconds))"
  }
}

extension Duration {
  var milliseconds: Int {
    Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
  }
}
