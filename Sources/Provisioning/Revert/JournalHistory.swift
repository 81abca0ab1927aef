internal import Postgres

/// A database that a journal speaks of.
public struct JournaledDatabase: Sendable, Hashable {
  public var oid: UInt32
  /// The name it was last journaled under.
  public var journaled: String
  /// What it is called today; nil: it has been dropped.
  public var name: String?
}

/// What a journal says of this cluster, with today's names.
struct JournalHistory {
  let session: Session
  let records: [JournalRecord]
  /// In the order of their first appearance.
  private(set) var databases: [JournaledDatabase] = []

  /// - Throws: `SetupProblem` when the file is no journal of this cluster.
  init(_ path: String, _ server: ServerFacts, _ session: Session) async throws {
    self.session = session
    let records = try Journal.records(path)
    guard records.contains(where: { $0.begin != nil }) else {
      throw SetupProblem(
        .usage, "journal-empty", "journal \(path) remembers no apply",
        fix: "name the journal that apply wrote: --journal FILE")
    }
    let rows = try await session.query("SELECT oid, datname FROM pg_database")
    let today = Dictionary(
      rows.map { (UInt32(rows.text($0, 0)) ?? 0, rows.text($0, 1)) }, uniquingKeysWith: { first, _ in first })
    try JournalIdentity.check(records, server, existing: Set(today.keys), path: path)
    self.records = JournalIdentity.ofCluster(records, server)
    for begin in self.records.compactMap(\.begin) {
      if let known = databases.firstIndex(where: { $0.oid == begin.databaseOID }) {
        databases[known].journaled = begin.database
      } else {
        databases.append(
          JournaledDatabase(
            oid: begin.databaseOID, journaled: begin.database, name: today[begin.databaseOID]))
      }
    }
  }

  /// The last apply in a database; where it was in none that exists, the last one of all.
  func begin(of database: UInt32) -> JournalRecord.Begin? {
    let begins = records.compactMap(\.begin)
    return begins.last { $0.databaseOID == database } ?? begins.last
  }

  /// What tables and views called when runs of apply began, by the place of a run's record.
  func called(in database: UInt32) -> [Int: CalledCode] {
    var called: [Int: CalledCode] = [:]
    for (index, record) in records.enumerated() where record.begin?.databaseOID == database {
      called[index] = record.begin?.called
    }
    return called
  }

  /// What was committed in the databases and has not been undone yet, newest first.
  func changes(in wanted: Set<UInt32>) async throws -> [PastChange] {
    let today = try await RoleInspector(session: session).numbers()
    var roles = JournaledRoles(numbers: [:], today: today)
    let named = Dictionary(databases.map { ($0.oid, $0.name) }, uniquingKeysWith: { first, _ in first })
    // The databases' names at the time of a record.
    var numbers: [String: UInt32] = [:]
    var changes: [UInt32: [PastChange]] = [:]
    var runs: [UInt32: Int] = [:]
    var place = 0
    func number(of database: String) -> UInt32? {
      // Revert itself writes today's name.
      numbers[database] ?? databases.first { $0.name == database }?.oid
    }
    func take(_ journaled: [JournaledChange], _ oid: UInt32) {
      for change in journaled {
        if change.undo == .dropRole, let role = change.role, let roleOID = change.roleOID {
          roles.add(role, roleOID)
        }
        var past = PastChange(change, roles, number: place, database: (oid, named[oid] ?? nil))
        past.run = runs[oid]
        changes[oid, default: []].append(past)
        place += 1
      }
    }
    for (index, record) in records.enumerated() {
      if let begin = record.begin {
        numbers[begin.database] = begin.databaseOID
        runs[begin.databaseOID] = index
        roles = JournaledRoles(numbers: begin.roles ?? [:], today: today)
      } else if let batch = record.batch, let oid = number(of: batch.database), wanted.contains(oid) {
        if try await session.wasCommitted(batch.transaction) { take(batch.changes, oid) }
      } else if let reverted = record.reverted, let oid = number(of: reverted.database), wanted.contains(oid)
      {
        changes[oid] = []
        take(reverted.kept ?? [], oid)
      }
    }
    return changes.values.joined().sorted { $0.number > $1.number }
  }
}

extension Session {
  /// Whether COMMIT was reached. What is too old to know (NULL) is taken for committed: every change is
  /// compared with how things are now before it is undone.
  /// https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-PG-SNAPSHOT
  func wasCommitted(_ transaction: String) async throws -> Bool {
    do {
      let status = try await query("SELECT txid_status($1::bigint)", [transaction])[0, 0]
      return status == nil || status == "committed"
    } catch let error as PostgresError where error.sqlstate == "22023" {
      return false  // "in the future": the server has been restored to a time before it
    }
  }
}
