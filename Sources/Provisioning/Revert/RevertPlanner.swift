public import Postgres

/// Works out from a journal what undoes it, given how things are now.
public struct RevertPlanner: Sendable {
  let session: Session
  let journal: String
  let request: SetupRequest

  /// - Parameter journal: the path of the file that apply wrote.
  public init(session: Session, journal: String, request: SetupRequest) {
    self.session = session
    self.journal = journal
    self.request = request
  }

  /// The databases a journal speaks of, in the order in which they have to be reverted.
  ///
  /// - Throws: `SetupProblem` when the file is not a journal.
  public static func databases(_ journal: String, connectedTo database: String) throws -> [String] {
    var seen: Set<String> = []
    let names = try Journal.records(journal).compactMap(\.begin?.database).filter { seen.insert($0).inserted }
    // A journal of another database is refused by the plan, which can say why.
    return names.contains(database) ? names.reversed() : [database]
  }

  /// The plan that undoes the journal; its notes say what somebody has changed since.
  public func plan() async throws -> Plan {
    try await session.execute(TransactionSettings.session)
    let server = try await ServerInspector(session: session).facts()
    let records = try Journal.records(journal)
    guard records.contains(where: { $0.begin != nil }) else {
      throw SetupProblem(
        .usage, "journal-empty", "journal \(journal) remembers no apply",
        fix: "name the journal that apply wrote: --journal FILE")
    }
    try JournalIdentity.check(records, server, path: journal)
    var request = request
    if let begin = records.compactMap(\.begin).last(where: { $0.database == server.database }) {
      request.iamUser = begin.iamUser
      request.rdsIAMRole = begin.rdsIAMRole
    }
    var plan = Plan(server: server, host: session.host, port: session.port, request: request)
    plan.iamMembersBefore = try await LockoutGuard.loginMembers(of: request.rdsIAMRole, session)
    let journaled = try await committed(records, in: server.database)
    let undo = Undo(session: session, server: server)
    try await undo.build(journaled, &plan)
    plan.locks = LockBudget(server: server, request: request).estimate(for: plan.changes)
    return plan
  }

  /// Changes whose transaction was committed, newest first.
  private func committed(_ records: [JournalRecord], in database: String) async throws -> [JournaledChange] {
    let last = records.lastIndex { $0.reverted?.database == database }.map { $0 + 1 } ?? 0
    var changes: [JournaledChange] = []
    for batch in records[last...].compactMap(\.batch).reversed() where batch.database == database {
      if try await wasCommitted(batch.transaction) { changes += batch.changes.reversed() }
    }
    return changes
  }

  /// Whether COMMIT was reached. What is too old to know (NULL) is taken for committed: every change is
  /// compared with how things are now before it is undone.
  /// https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT
  private func wasCommitted(_ transaction: String) async throws -> Bool {
    do {
      let status = try await session.query("SELECT txid_status($1::bigint)", [transaction])[0, 0]
      return status == nil || status == "committed"
    } catch let error as PostgresError where error.sqlstate == "22023" {
      return false  // "in the future": the server has been restored to a time before it
    }
  }
}
