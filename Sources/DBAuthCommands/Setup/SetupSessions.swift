internal import Postgres
internal import Provisioning

/// The databases of one run, each with its session.
struct SetupSessions {
  let sessions: [Session]

  /// Connects to the named database, and with `all` to every other one that this login may connect to.
  static func open(_ connection: ConnectionOptions, all: Bool) async throws -> SetupSessions {
    let (first, parameters) = try await connection.connect()
    guard all else { return SetupSessions(sessions: [first]) }
    let rows = try await first.query(
      """
      SELECT datname FROM pg_catalog.pg_database
      WHERE datallowconn AND NOT datistemplate AND datname <> 'rdsadmin' AND datname <> pg_catalog.current_database()
        AND pg_catalog.has_database_privilege(oid, 'CONNECT') ORDER BY oid
      """)
    var sessions = [first]
    for row in 0..<rows.count {
      sessions.append(try await Session.connect(parameters.database(rows.text(row, 0))))
    }
    return SetupSessions(sessions: sessions)
  }

  var first: Session { sessions[0] }

  /// One plan a database. What concerns the whole cluster is planned once: roles with the first database that
  /// needs them, rds_iam with the last.
  ///
  /// - Parameter journal: the path of the journal, which tells what earlier runs have done.
  func plans(_ request: SetupRequest, journal: String) async throws -> [Plan] {
    let createdRoles = try SetupJournalOptions.createdRoles(journal)
    var plans: [Plan] = []
    var planned: Set<String> = []
    var last: [Change] = []
    for session in sessions {
      let database = session.database
      var plan = try await Planner(session: session, request: request, createdRoles: createdRoles) {
        try SetupJournalOptions.moves(journal, database: database)
      }.plan()
      last = plan.changes.filter { $0.step == .rdsIAM }
      plan.changes.removeAll { change in
        change.step == .rdsIAM || (change.database == nil && !planned.insert(change.sql).inserted)
      }
      plans.append(plan)
    }
    plans[plans.count - 1].changes += last
    return plans
  }
}
