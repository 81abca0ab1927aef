public import Postgres

/// A watch over memberships (`MembershipWatch`) that ended together with an earlier run of apply.
public struct UnfinishedWatch: Sendable {
  private var transactions: [(database: String, number: String)] = []
  private var edges: [MembershipWatch.Edge] = []
  private var ended: [InterimMembership] = []
  private var request: SetupRequest
  private var membersBefore: Set<String>

  /// - Parameter path: the journal's.
  /// - Returns: nil when every watch has come to its end.
  /// - Throws: `SetupProblem` when the file is not a journal.
  public static func find(_ path: String, _ session: Session) async throws -> UnfinishedWatch? {
    let records = try Journal.records(path)
    var found: UnfinishedWatch?
    var begin: JournalRecord.Begin?
    for (index, record) in records.enumerated() {
      begin = record.begin ?? begin
      guard let begin, let batch = record.batch, batch.watched == true,
        !records[index...].contains(where: { later in
          later.reverted?.database == batch.database
            || (later.batch?.transaction == batch.transaction && later.batch?.watched == false)
        }), try await session.wasCommitted(batch.transaction)
      else { continue }
      var watch =
        found
        ?? UnfinishedWatch(
          request: SetupRequest(iamUser: begin.iamUser), membersBefore: Set(begin.iamMembersBefore))
      watch.request.rdsIAMRole = begin.rdsIAMRole
      for change in batch.changes where change.undo == .ended {
        guard let role = change.role, let member = change.member else { continue }
        watch.ended.append(
          InterimMembership(
            role: try await session.identifier(role), member: try await session.identifier(member)))
      }
      watch.transactions.append((batch.database, batch.transaction))
      for change in batch.changes where change.undo == .revokeRole {
        guard let role = change.role, let member = change.member else { continue }
        watch.edges.append(
          .init(
            role: role, member: member, former: change.memberships ?? [], isInterim: change.interim == true))
      }
      found = watch
    }
    return found
  }

  private init(request: SetupRequest, membersBefore: Set<String>) {
    self.request = request
    self.membersBefore = membersBefore
  }

  /// Brings it to its end.
  ///
  /// - Returns: what could not be waited for.
  /// - Throws: `SetupProblem` after the earlier run's grant was taken back.
  public func finish(
    _ session: Session, journal: Journal, lockTimeout: Duration, observer: any SetupObserver
  ) async throws -> [String] {
    let watch = MembershipWatch(
      session: session, server: try await ServerInspector(session: session).facts(),
      lockout: LockoutGuard(request: request, before: membersBefore), lockTimeout: lockTimeout,
      observer: observer)
    return try await watch.settle(edges, ended: ended, transactions, journal)
  }
}
