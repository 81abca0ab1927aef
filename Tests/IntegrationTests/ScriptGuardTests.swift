import Postgres
import Testing

/// `--format sql` has no process beside it that could look: the script does it itself.
@Suite("A plan as a script, while a GRANT of another session is open")
struct ScriptGuardTests {
  private static let options = ["--iam-user", "iamuser", "--adopt-iam-user", "--lock-timeout", "1s"]

  private static func script(_ database: TestDatabase) async throws -> String {
    try await database.psql(
      "CREATE TABLE t (); CREATE ROLE iamuser LOGIN; CREATE ROLE bob LOGIN PASSWORD 'secret'")
    let plan = try await database.setup("plan", options + ["--format", "sql"])
    #expect(plan.status == 0, "\(plan.output)")
    return plan.stdout
  }

  private static func run(_ script: String, _ database: TestDatabase) async throws -> ChildProcess.Result {
    try await database.server.program(
      "psql", ["-XqAt"], as: database.serverName.administrator, database: database.name, input: script)
  }

  private static func other(_ database: TestDatabase) async throws -> Session {
    try await database.server.connect(.superuser, database: database.name, application: "somebody else")
  }

  @Test("that stays open ends the script before it grants rds_iam", arguments: OpenGrantTests.servers)
  func staysOpen(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      let script = try await Self.script(database)
      let other = try await Self.other(database)
      try await other.execute("BEGIN; GRANT iamuser TO bob")
      let ended = try await Self.run(script, database)
      #expect(ended.status == 3, "\(ended.output)")
      #expect(
        ended.stderr.contains("open transactions may change memberships: \(other.backendPID)")
          || ended.stderr.contains("lock timeout"), "\(ended.stderr)")
      try await other.execute("COMMIT")
      #expect(try await OpenGrantTests.members(database) == "")
    }
  }

  @Test(
    "that is committed is found, and one that is rolled back is in nobody's way",
    arguments: OpenGrantTests.servers)
  func ends(on server: ServerName) async throws {
    for end in ["COMMIT", "ROLLBACK"] {
      try await TestDatabase.run(on: server) { database in
        let script = try await Self.script(database)
        let other = try await Self.other(database)
        try await other.execute("BEGIN; GRANT iamuser TO bob")
        async let run = Self.run(script, database)
        try await Task.sleep(for: .milliseconds(500))
        try await other.execute(end)
        let ended = try await run
        if end == "COMMIT" {
          #expect(
            ended.status == 3 && ended.stderr.contains("somebody would be locked out"), "\(ended.output)")
          #expect(try await OpenGrantTests.members(database) == "")
        } else {
          #expect(ended.status == 0 && !ended.stderr.contains("WARNING"), "\(ended.output)")
          #expect(try await OpenGrantTests.members(database) == "iamuser")
        }
      }
    }
  }

  @Test(
    "that slips in between look and COMMIT costs the script its grant, on 15",
    arguments: ["COMMIT", "ROLLBACK"])
  func inBetween(end: String) async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.psql(TestDatabase.application)
      try await database.psql("CREATE ROLE iamuser LOGIN; CREATE ROLE bob LOGIN PASSWORD 'secret'")
      let options = ["--iam-user", "iamuser", "--adopt-iam-user", "--lock-timeout", "10s", "--format", "sql"]
      let plan = try await database.setup("plan", options)
      #expect(plan.stdout.contains("GRANT \"\(database.ownerRole)\" TO \"app\""), "\(plan.stdout)")
      let (change, gate, other) = (
        try await Self.other(database), try await Self.other(database), try await Self.other(database)
      )
      // The script stops before its last transaction.
      try await gate.execute("BEGIN; LOCK items IN ACCESS SHARE MODE")
      async let run = Self.run(plan.stdout, database)
      try await Self.until(database, "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
      try await change.execute("BEGIN; ALTER ROLE bob CONNECTION LIMIT 5")
      try await gate.execute("COMMIT")
      try await Self.until(
        database,
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND query LIKE 'DO %')")
      // It stops the GRANTs of both, and is no change itself.
      try await gate.execute("BEGIN; LOCK pg_auth_members IN SHARE MODE")
      try await change.execute("COMMIT")
      let waiting = "FROM pg_locks WHERE relation = 'pg_auth_members'::regclass AND NOT granted"
      try await Self.until(database, "SELECT count(*) = 1 \(waiting)")
      async let granted: Void = { try await other.execute("BEGIN; GRANT iamuser TO bob") }()
      try await Self.until(database, "SELECT count(*) = 2 \(waiting)")
      try await gate.execute("COMMIT")
      try await granted
      try await Self.until(database, "SELECT pg_has_role('iamuser', 'rds_iam', 'MEMBER')")
      try await other.execute(end)
      let ended = try await run
      if end == "COMMIT" {
        #expect(ended.status == 3 && ended.stderr.contains("was taken back"), "\(ended.output)")
        #expect(try await OpenGrantTests.members(database) == "")
        // The IAM user cannot sign in, and so the application goes on.
        try await database.psql(
          "INSERT INTO orders VALUES (1); INSERT INTO items VALUES (1)", as: .role("app"))
      } else {
        #expect(ended.status == 0, "\(ended.output)")
        #expect(try await OpenGrantTests.members(database) == "iamuser")
      }
    }
  }

  private static func until(_ database: TestDatabase, _ condition: String) async throws {
    for _ in 0..<300 {
      if try await database.psql(condition) == "t" { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("never: \(condition)")
  }
}
