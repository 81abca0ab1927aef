/// Who holds a lock that setup needs: a session, or a transaction that was prepared and has no session any more.
public struct Blocker: Sendable, Hashable {
  /// Nil for a prepared transaction.
  public var pid: Int?
  /// The name that PREPARE TRANSACTION gave it; nil for a session.
  public var prepared: String?
  public var user: String
  /// Empty where this login may not see it (it takes `pg_read_all_stats`).
  public var application: String
  /// When its transaction began or was prepared, ISO 8601; nil where this login may not see it.
  public var since: String?
  public var state: String

  /// For example `pid 4711 (psql, app_old, idle in transaction since 2026-01-02 03:04:05+00)`.
  public var summary: String {
    var parts = [application, user].filter { !$0.isEmpty }
    if let since { parts.append(state.isEmpty ? "since \(since)" : "\(state) since \(since)") }
    let name =
      prepared.map { "prepared transaction '\($0)'" } ?? pid.map { "pid \($0)" } ?? "a prepared transaction"
    return name + (parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))")
  }
}
