import Postgres
import Subprocess
import Testing

/// PostgreSQL 15 has no lock that keeps a GRANT of another session out while setup grants.
@Suite("A GRANT that slips in between setup's look and its COMMIT")
struct GrantInBetweenTests {
  /// Everything is done but for rds_iam; setup grants that, and bob's GRANT is open when it does.
  private static func meanwhile(
    _ database: TestDatabase, moving table: String? = nil, first before: String? = nil,
    member: String = "iamuser", of role: String = "rds_iam",
    _ body: @Sendable (_ other: Session, _ setup: ChildProcess.Running) async throws -> Void
  ) async throws -> ChildProcess.Result {
    try await database.psql(
      "CREATE ROLE iamuser LOGIN; CREATE ROLE bob LOGIN PASSWORD 'secret'")
    if before != nil {
      // Nothing is done yet.
    } else if let table {
      let first = try await database.applyButFor(table, ["--iam-user", "iamuser", "--adopt-iam-user"])
      #expect(first.status == 1, "\(first.output)")
    } else {
      try await database.psql("CREATE TABLE t ()")
      let first = try await database.setup("apply", OpenGrantTests.options)
      #expect(first.status == 0, "\(first.output)")
    }
    try await database.psql(before ?? "REVOKE rds_iam FROM iamuser")
    func session() async throws -> Session {
      try await database.server.connect(.superuser, database: database.name, application: "somebody else")
    }
    let (change, gate, other) = (try await session(), try await session(), try await session())
    // Setup waits for this one before it begins its transaction.
    try await change.execute("BEGIN; ALTER ROLE bob CONNECTION LIMIT 5")
    return try await database.setup("apply", OpenGrantTests.options) { setup in
      try await until(
        database,
        """
        SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name LIKE 'dbauth-admin setup%'
          AND query LIKE '%pg_prepared_xacts%')
        """)
      // It stops the GRANTs of both, and is no change itself.
      try await gate.execute("BEGIN; LOCK pg_auth_members IN SHARE MODE")
      try await change.execute("COMMIT")
      let waiting = "FROM pg_locks WHERE relation = 'pg_auth_members'::regclass AND NOT granted"
      try await until(database, "SELECT count(*) = 1 \(waiting)")
      async let granted: Void = { try await other.execute("BEGIN; GRANT iamuser TO bob") }()
      try await until(database, "SELECT count(*) = 2 \(waiting)")
      try await gate.execute("COMMIT")
      try await granted
      try await until(
        database,
        "SELECT coalesce((SELECT pg_has_role('\(member)', oid, 'MEMBER') FROM pg_roles WHERE rolname = '\(role)'), false)"
      )
      try await body(other, setup)
    }
  }

  private static func until(_ database: TestDatabase, _ condition: String) async throws {
    for _ in 0..<300 {
      if try await database.psql(condition) == "t" { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("never: \(condition)")
  }

  /// bob's password still opens the door.
  private static func expectNobodyLockedOut(_ database: TestDatabase) async throws {
    #expect(try await OpenGrantTests.members(database) == "")
    #expect(try await database.psql("SELECT pg_has_role('bob', 'iamuser', 'MEMBER')") == "t")
  }

  @Test("the application that is replaced can work on everything again when setup takes its grant back")
  func applicationGoesOn() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.psql(TestDatabase.application)
      let apply = try await Self.meanwhile(database, moving: "items") { other, _ in
        try await other.execute("COMMIT")
      }
      #expect(apply.status == 1, "\(apply.output)")
      #expect(apply.output.contains("bob → iamuser → rds_iam"), "\(apply.output)")
      try await database.psql("INSERT INTO orders VALUES (1); INSERT INTO items VALUES (1)", as: .role("app"))
      try await database.psql("REVOKE iamuser FROM bob")
      let again = try await database.setup("apply", OpenGrantTests.options)
      #expect(again.status == 0, "\(again.output)")
      await #expect(throws: SandboxServer.Refusal.self) {
        try await database.psql("INSERT INTO orders VALUES (1)", as: .role("app"))
      }
    }
  }

  @Test("before anything has moved, what lets the application work on both sides is taken back, too")
  func interim() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.psql(TestDatabase.application)
      let apply = try await Self.meanwhile(
        database, first: "GRANT rds_iam TO iamuser", member: "app", of: database.ownerRole
      ) { other, _ in
        try await other.execute("COMMIT")
      }
      #expect(apply.status == 1, "\(apply.output)")
      #expect(apply.output.contains("bob → iamuser → rds_iam"), "\(apply.output)")
      #expect(try await database.psql("SELECT pg_has_role('app', '\(database.ownerRole)', 'MEMBER')") == "f")
      try await database.psql("INSERT INTO orders VALUES (1); INSERT INTO items VALUES (1)", as: .role("app"))
      try await database.psql("REVOKE iamuser FROM bob")
      let again = try await database.setup("apply", OpenGrantTests.options)
      #expect(again.status == 0, "\(again.output)")
      _ = try await RevertHistoryTests.expectReverted(database)
    }
  }

  @Test("setup takes its own grant back, names the path, and a later apply is refused before it grants")
  func takesBack() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      let apply = try await Self.meanwhile(database) { other, _ in try await other.execute("COMMIT") }
      #expect(apply.status == 1, "\(apply.output)")
      #expect(apply.output.contains("bob → iamuser → rds_iam"), "\(apply.output)")
      #expect(apply.output.contains("REVOKE \"rds_iam\" FROM \"iamuser\""), "\(apply.output)")
      try await Self.expectNobodyLockedOut(database)
      let again = try await database.setup("apply", OpenGrantTests.options)
      #expect(again.status == 1 && again.output.contains("bob → iamuser → rds_iam"), "\(again.output)")
      try await Self.expectNobodyLockedOut(database)
      try await database.psql("REVOKE iamuser FROM bob")
      let third = try await database.setup("apply", OpenGrantTests.options)
      #expect(third.status == 0, "\(third.output)")
      #expect(try await OpenGrantTests.members(database) == "iamuser")
    }
  }

  @Test("that is rolled back leaves setup's grant in force")
  func rolledBack() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      let apply = try await Self.meanwhile(database) { other, _ in try await other.execute("ROLLBACK") }
      #expect(apply.status == 0, "\(apply.output)")
      #expect(try await OpenGrantTests.members(database) == "iamuser")
    }
  }

  @Test("that never ends costs setup its grant, and is named")
  func staysOpen() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      let apply = try await Self.meanwhile(database) { _, _ in try await Task.sleep(for: .seconds(7)) }
      #expect(apply.status == 1, "\(apply.output)")
      #expect(apply.output.contains("(somebody else, rdsadmin, idle in transaction"), "\(apply.output)")
      #expect(try await OpenGrantTests.members(database) == "")
    }
  }

  @Test("after kill -9 in that moment the same command looks again, says so, and takes the grant back")
  func killed() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      let killed = try await Self.meanwhile(database) { other, setup in
        setup.send(.kill)
        try await other.execute("COMMIT")
      }
      #expect(killed.status == 137, "\(killed.output)")
      #expect(try await OpenGrantTests.members(database) == "bob iamuser")
      let again = try await database.setup("apply", OpenGrantTests.options)
      #expect(again.status == 1, "\(again.output)")
      #expect(again.stderr.contains("An earlier run has ended before"), "\(again.output)")
      #expect(again.output.contains("bob → iamuser → rds_iam"), "\(again.output)")
      try await Self.expectNobodyLockedOut(database)
      try await database.psql("REVOKE iamuser FROM bob")
      let third = try await database.setup("apply", OpenGrantTests.options)
      #expect(third.status == 0 && !third.stderr.contains("An earlier run"), "\(third.output)")
    }
  }

  @Test("after a kill in that moment that did no harm the same command goes on")
  func killedWithoutHarm() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      let killed = try await Self.meanwhile(database) { other, setup in
        setup.send(.kill)
        try await other.execute("ROLLBACK")
      }
      #expect(killed.status == 137, "\(killed.output)")
      let again = try await database.setup("apply", OpenGrantTests.options)
      #expect(again.status == 0, "\(again.output)")
      #expect(again.stderr.contains("An earlier run has ended before"), "\(again.output)")
      #expect(try await OpenGrantTests.members(database) == "iamuser")
      let third = try await database.setup("apply", OpenGrantTests.options)
      #expect(third.status == 0 && !third.stderr.contains("An earlier run"), "\(third.output)")
    }
  }

  @Test("Ctrl-C twice in that moment says that the grant is in force, and the same command takes it back")
  func endedAtOnce() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      let ended = try await Self.meanwhile(database) { other, setup in
        setup.send(.interrupt)
        setup.send(.terminate)
        // It is over when its sessions are.
        try await Self.until(
          database,
          "SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'dbauth-admin setup')")
        try await other.execute("COMMIT")
      }
      #expect(ended.status > 128, "\(ended.output)")
      let said = ended.stderr.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(said.contains("In force: 1 change is committed and stays (rds-iam 1 of 1)."), "\(ended.stderr)")
      #expect(
        said.contains(#"GRANT "rds_iam" TO "iamuser" is committed, and it is not known yet"#),
        "\(ended.stderr)")
      #expect(!said.contains("Nothing was changed"), "\(ended.stderr)")
      #expect(try await OpenGrantTests.members(database) == "bob iamuser")
      let again = try await database.setup("apply", OpenGrantTests.options)
      #expect(
        again.status == 1 && again.stderr.contains("An earlier run has ended before"), "\(again.output)")
      try await Self.expectNobodyLockedOut(database)
    }
  }

  @Test("Ctrl-C while the same command looks again after a kill does not say that nothing is in force")
  func endedWhileLookingAgain() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      _ = try await Self.meanwhile(database) { other, setup in
        setup.send(.kill)
        try await other.execute("ROLLBACK")
      }
      let other = try await database.server.connect(
        .superuser, database: database.name, application: "somebody else")
      try await other.execute("BEGIN; ALTER ROLE bob CONNECTION LIMIT 6")
      let ended = try await database.setupOnTerminal("apply", OpenGrantTests.options, columns: 400) {
        terminal, setup in
        try await terminal.shows("waiting for open transactions")
        setup.send(.interrupt)
        try await terminal.shows("Ctrl-C once more ends at once")
        setup.send(.interrupt)
      }
      #expect(ended.status == 130, "\(ended.output)")
      #expect(!ended.output.contains("Nothing was changed"), "\(ended.output)")
      #expect(
        ended.output.contains(#"In force: GRANT "rds_iam" TO "iamuser" is committed"#), "\(ended.output)")
      // Once is enough when it has looked by itself.
      let looked = try await database.setupOnTerminal("apply", OpenGrantTests.options, columns: 400) {
        terminal, setup in
        try await terminal.shows("waiting for open transactions")
        setup.send(.interrupt)
        try await terminal.shows("Ctrl-C once more ends at once")
        try await other.execute("ROLLBACK")
      }
      #expect(
        looked.status == 1 && looked.output.contains("This run has changed nothing"), "\(looked.output)")
      #expect(try await OpenGrantTests.members(database) == "iamuser")
    }
  }
}
