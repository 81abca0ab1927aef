/// What went wrong between this process and a server, as a value.
///
/// `description` carries the server's primary message and SQLSTATE only; the detail line, which may quote
/// row data, and libpq's full text are in `detail` and `debugDescription`.
public struct PostgresError: Error, Sendable, CustomStringConvertible, CustomDebugStringConvertible {
  /// Where in a connection's life the error arose.
  public enum Phase: String, Sendable {
    case connecting, query, cancelled, deadline, lost
  }

  public var phase: Phase
  /// Five characters, https://www.postgresql.org/docs/current/errcodes-appendix.html; nil when the error is
  /// libpq's own.
  public var sqlstate: String?
  public var message: String
  public var detail: String?
  public var hint: String?
  /// The server asked for a password and none was at hand (`PQconnectionNeedsPassword`).
  public var needsPassword = false
  /// How many statements of a multi-statement message had completed before this one failed.
  public var completedStatements = 0

  public init(
    phase: Phase, sqlstate: String? = nil, message: String, detail: String? = nil, hint: String? = nil
  ) {
    self.phase = phase
    self.sqlstate = sqlstate
    self.message = message
    self.detail = detail
    self.hint = hint
  }

  public var description: String {
    sqlstate.map { "\(message) (SQLSTATE \($0))" } ?? message
  }

  public var debugDescription: String {
    [description, detail.map { "DETAIL: \($0)" }, hint.map { "HINT: \($0)" }]
      .compactMap { $0 }.joined(separator: "\n")
  }
}

extension PostgresError {
  /// The connection is gone: nothing further can be sent on it.
  public var connectionLost: Bool {
    phase == .lost || phase == .connecting || sqlstate?.hasPrefix("57P") == true
      || sqlstate?.hasPrefix("08") == true
  }

  /// Somebody else was in the way: `lock_not_available`, `deadlock_detected`, `serialization_failure`, our own
  /// cancellation of a statement that waited past its deadline (`query_canceled`), or a catalog row that another
  /// session changed meanwhile, which PostgreSQL reports as an internal error.
  public var isLockConflict: Bool {
    ["55P03", "40P01", "40001", "57014"].contains(sqlstate)
      || (sqlstate == "XX000" && message == "tuple concurrently updated")
  }

  /// A pooler or proxy that does not pass `options` of the startup packet on, in pgbouncer's or RDS Proxy's words.
  var refusesOptions: Bool {
    phase == .connecting
      && ["unsupported startup parameter", "command-line options"].contains { message.contains($0) }
  }

  /// What a statement makes is there already: `unique_violation`, when somebody else has made it at the same moment, or
  /// `duplicate_object`. https://www.postgresql.org/docs/current/errcodes-appendix.html
  public var isDuplicate: Bool { sqlstate == "23505" || sqlstate == "42710" }

  /// `insufficient_privilege`.
  public var isMissingPrivilege: Bool { sqlstate == "42501" }

  /// `out_of_memory` of the shared lock table: the batch was priced too high.
  public var isLockTableFull: Bool { sqlstate == "53200" }
}
