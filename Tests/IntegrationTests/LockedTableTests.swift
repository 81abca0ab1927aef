import Foundation
import Postgres
import Testing

@Suite("A table that somebody else has locked")
struct LockedTableTests {
  static let options = [
    "--iam-user", "iamuser", "--lock-timeout", "1s", "--include", "owner-rights", "--yes",
  ]

  /// Another session with an open transaction that has read one table.
  private static func reader(of table: String, _ database: TestDatabase) async throws -> Session {
    let session = try await database.server.connect(
      .superuser, database: database.name, application: "nightly report")
    try await session.execute("BEGIN")
    try await session.execute("SELECT * FROM \(table)")
    return session
  }

  @Test(
    "everything else is done, the blocker is named, and a later apply does the rest",
    arguments: ServerName.allCases)
  func blocked(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      let reader = try await Self.reader(of: "customers", database)
      let first = try await database.setup("apply", Self.options)
      #expect(first.status == 1, "\(first.output)")
      let pid = "pid \(reader.backendPID) (nightly report, rdsadmin, idle in transaction since 20"
      #expect(
        first.stdout.contains("table public.customers: locked by another session: \(pid)"), "\(first.output)")
      #expect(first.stdout.contains("To do the rest: run the same command again"))
      let others = try await database.objectsNotOwned(by: database.ownerRole)
      #expect(
        Set(others).subtracting(["relation administrators_own"]) == [
          "relation customers", "relation customers_id_seq",
        ])

      let second = try await database.setup("apply", Self.options + ["--format", "json"])
      #expect(second.status == 1, "\(second.output)")
      let result = try #require(try SetupDocument(second).result)
      #expect(result.left.map(\.object) == ["public.customers"])
      #expect(result.left.map(\.blockers) == [[0]])
      let blocker = try #require(result.blockers.first)
      #expect(blocker.pid == Int(reader.backendPID))
      #expect(blocker.application == "nightly report")
      #expect(blocker.state == "idle in transaction")
      #expect(blocker.since?.hasPrefix("20") == true)

      try await reader.execute("COMMIT")
      let third = try await database.setup("apply", Self.options)
      #expect(third.status == 0, "\(third.output)")
      let rest = try await database.objectsNotOwned(by: database.ownerRole)
      #expect(Set(rest).subtracting(["relation administrators_own"]) == [])
    }
  }

  @Test("grants on its sequence wait until the table has changed hands")
  func sequenceOfLockedTable() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.psql(
        """
        CREATE ROLE shop LOGIN;
        GRANT CREATE ON SCHEMA public TO shop;
        SET ROLE shop;
        CREATE TABLE held (id int GENERATED ALWAYS AS IDENTITY);
        """)
      let reader = try await Self.reader(of: "held", database)
      let options = [
        "--iam-user", "iamuser", "--mode", "direct", "--keep-access", "shop", "--lock-timeout", "5s", "--yes",
      ]
      let apply = try await database.setup("apply", options) { _ in
        let watcher = try await database.server.connect(.superuser, database: database.name)
        let waiting = """
          SELECT count(*) FROM pg_stat_activity
          WHERE application_name = 'dbauth-admin setup' AND wait_event_type = 'Lock'
          """
        let deadline = ContinuousClock.now + .seconds(60)
        while try await watcher.query(waiting).integer(0, 0) == 0, ContinuousClock.now < deadline {
          try await Task.sleep(for: .milliseconds(5))
        }
        try await reader.execute("COMMIT")
      }
      #expect(apply.status == 0, "\(apply.output)")
    }
  }

  @Test("revert leaves a locked table for later, too")
  func blockedRevert() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fillWithAwkwardObjects()
      let before = try await database.dump()
      let apply = try await database.setup("apply", Self.options)
      #expect(apply.status == 0, "\(apply.output)")
      let reader = try await Self.reader(of: "customers", database)
      let first = try await database.setup("revert", ["--lock-timeout", "1s", "--yes"])
      #expect(first.status == 1, "\(first.output)")
      #expect(first.stdout.contains("pid \(reader.backendPID) (nightly report"), "\(apply.output)")
      try await reader.execute("COMMIT")
      let second = try await database.setup("revert", ["--yes"])
      #expect(second.status == 0, "\(second.output)")
      let left = try await database.dump().differences(from: before)
      #expect(left == [])
    }
  }

  @Test(
    "no other session waits longer than the lock timeout and a tenth",
    arguments: [ServerName.pg15RDS, .pg18RDS])
  func waiting(on server: ServerName) async throws {
    try await TestDatabase.run(on: server, alone: true) { database in
      try await database.fill(tables: 1000)
      let reader = try await Self.reader(of: "t500", database)
      let readers = try await ImpatientReaders.during(database, tables: 1000) {
        let apply = try await database.setup("apply", Self.options)
        #expect(apply.status == 1, "\(apply.output)")
        #expect(apply.stdout.contains("pid \(reader.backendPID) (nightly report"), "\(apply.output)")
      }
      try await reader.execute("COMMIT")
      let longest = try #require(readers.max())
      print("\(server.rawValue): \(readers.count) reads during apply, the longest took \(longest)")
      #expect(longest <= .milliseconds(1100))
    }
  }
}

/// Sessions that read table after table and measure how long each read takes.
enum ImpatientReaders {
  static let count = 3

  /// - Returns: how long every read took while the body ran.
  static func during(
    _ database: TestDatabase, tables: Int, _ body: () async throws -> Void
  ) async throws -> [Duration] {
    var sessions: [Session] = []
    for _ in 0..<count {
      sessions.append(try await database.server.connect(.superuser, database: database.name))
    }
    let tasks = sessions.enumerated().map { number, session in
      Task {
        var times: [Duration] = []
        // Each reader begins elsewhere; one of them stays at the table that is fought over.
        var table = number * tables / count
        while !Task.isCancelled {
          table = number == 0 ? tables / 2 - 1 : (table + 1) % tables
          let began = ContinuousClock.now
          try await session.execute("SELECT 1 FROM t\(table + 1) LIMIT 1")
          times.append(.now - began)
        }
        return times
      }
    }
    do {
      try await body()
    } catch {
      for task in tasks { task.cancel() }
      throw error
    }
    for task in tasks { task.cancel() }
    var times: [Duration] = []
    for task in tasks { times += try await task.value }
    return times
  }
}
