internal import Postgres
internal import Provisioning

/// The plans of a run, one a database, and whether they still hold.
struct SetupPlans {
  /// Plans for the database of a session, after the plans for the databases before it.
  typealias Making = (_ session: Session, _ earlier: ArraySlice<Plan>, _ isLast: Bool) async throws -> Plan

  private(set) var plans: [Plan] = []
  /// The server sessions in which they were made: each holds the lock that keeps other setups out.
  private var backends: [Int32] = []
  private let making: Making

  init(_ making: @escaping Making) { self.making = making }

  /// For apply. What concerns the whole cluster is planned once: roles with the first database that needs them, rds_iam
  /// with the last.
  ///
  /// - Parameter journal: the path of the journal, which tells what earlier runs, and this one, have done.
  init(_ request: SetupRequest, journal: String) {
    self.init { session, earlier, isLast in
      let database = session.database
      let createdRoles = try SetupJournalOptions.createdRoles(journal)
      var plan = try await Planner(
        session: session, request: request, createdRoles: createdRoles,
        journal: SetupJournalOptions.existing(journal)
      ) {
        try SetupJournalOptions.moves(journal, database: database)
      }.plan()
      let planned = Set(earlier.flatMap(\.changes).filter { $0.database == nil }.map(\.sql))
      plan.changes.removeAll { change in
        change.step == .rdsIAM ? !isLast : change.database == nil && planned.contains(change.sql)
      }
      if isLast { plan.endInterims(of: earlier) }
      return plan
    }
  }

  mutating func make(_ sessions: inout SetupSessions) async throws {
    for number in sessions.databases.indices {
      let session = try await sessions.session(sessions.databases[number])
      plans.append(try await making(session, plans[...], number == sessions.databases.count - 1))
      backends.append(session.backendPID)
    }
  }

  /// Looks whether a plan is still what it was where its session has ended since, and with it its lock.
  ///
  /// - Returns: the session to apply it in, and whether it has to be shown again.
  mutating func renew(_ number: Int, _ sessions: inout SetupSessions) async throws -> (
    session: Session, isAnother: Bool
  ) {
    let session = try await sessions.session(sessions.databases[number])
    guard session.backendPID != backends[number] else { return (session, false) }
    let plan = try await making(session, plans[..<number], number == plans.count - 1)
    let isAnother = Self.essence(plan) != Self.essence(plans[number])
    (plans[number], backends[number]) = (plan, session.backendPID)
    return (session, isAnother)
  }

  /// Why a plan is shown again.
  static func changed(_ plan: Plan) -> String {
    "The session in database \"\(plan.server.database)\" had to be opened again, and what is to be done there has "
      + "changed since it was shown."
  }

  /// What somebody who has agreed to a plan has agreed to.
  private static func essence(_ plan: Plan) -> [String] {
    [String(plan.isBlocked)] + plan.changes.map { "\($0.action.target?.oid ?? 0) \($0.sql)" }
  }
}
