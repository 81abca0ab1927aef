public import Postgres

/// A program between this one and the server that hands its transactions to whatever server session is free.
///
/// The advisory lock and the settings of a setup would stay with a session that somebody else gets next, and its next
/// transaction would run without them.
public enum Pooler {
  /// How long a second session may take to show itself; a pooler that gives each client a session of its own may have
  /// none left.
  private static let patience: Duration = .seconds(2)

  /// Leaves nothing behind: it only reads, each time in a transaction of its own.
  ///
  /// - Throws: `SetupProblem` when transactions of one connection are not of one server session.
  public static func refuse(_ session: Session, _ parameters: ConnectionParameters) async throws {
    let allowed = session.statementTimeout ?? patience
    let first = try await backend(session, allowed)
    // A pooler answers the connection itself, with a process number of its own making.
    guard first != session.backendPID else { return }
    if try await backend(session, allowed) != first { throw problem }
    // One that prefers the session that became free last gives this one's to the next who asks.
    var parameters = parameters
    parameters.connectTimeout = patience
    guard let second = try? await Session.connect(parameters),
      let other = try? await backend(second, patience), other == first
    else { return }
    throw problem
  }

  private static func backend(_ session: Session, _ allowed: Duration) async throws -> Int32? {
    Int32(
      try await session.catalogQuery("SELECT pg_backend_pid()", deadline: .now + allowed).text(0, 0))
  }

  private static var problem: SetupProblem {
    SetupProblem(
      .refused, "transaction-pooler",
      "this is a connection pooler that gives every transaction another session of the server",
      why: "setup's lock, settings and guards need one session from beginning to end; nothing was changed",
      fix: "connect to the server itself, or to a pooler or port with pool_mode = session")
  }
}
