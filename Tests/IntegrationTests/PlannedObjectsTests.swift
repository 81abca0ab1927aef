import Foundation
import Postgres
import Provisioning
import Testing

@Suite("Apply moves what was planned")
struct PlannedObjectsTests {
  private struct Silence: SetupObserver, Interruption {
    var isRequested: Bool { false }
    func receive(_ event: SetupEvent) {}
  }

  /// Plans, lets something happen, and applies that plan.
  static func apply(
    _ database: TestDatabase, _ request: SetupRequest = SetupRequest(iamUser: "iamuser"),
    after meanwhile: () async throws -> Void
  ) async throws -> BatchOutcome {
    let session = try await database.server.connect(
      database.serverName.administrator, database: database.name)
    let plan = try await Planner(session: session, request: request).plan()
    try await meanwhile()
    return try await Apply(
      session: session, plan: plan, journal: try Journal.open(database.journal), observer: Silence(),
      interruption: Silence()
    ).run(tool: "tests")
  }

  static func owners(_ database: TestDatabase) async throws -> [String] {
    try await database.psql(
      """
      SELECT relname || ' ' || pg_get_userbyid(relowner) FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1
      """
    ).split(separator: "\n").map(String.init)
  }

  static let tables = """
    CREATE ROLE app_old LOGIN; CREATE TABLE a (old int); CREATE TABLE b (); CREATE TABLE z ();
    ALTER TABLE a OWNER TO app_old; ALTER TABLE b OWNER TO app_old; ALTER TABLE z OWNER TO app_old;
    """
  /// Another table gets the name of one that was planned.
  private static let swap = """
    ALTER TABLE a RENAME TO a_old; CREATE TABLE a (new int); ALTER TABLE a OWNER TO app_old;
    """

  @Test(
    "a table that another one's name was given to is left and named, and so is the other",
    arguments: ServerName.allCases)
  func swapped(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.tables)
      let before = try await database.dump()
      let outcome = try await Self.apply(database) { try await database.psql(Self.swap) }
      #expect(outcome.left.map(\.object) == ["public.a"])
      #expect(outcome.left.first?.reason.contains("public.a_old") == true)
      let owner = database.ownerRole
      #expect(try await Self.owners(database) == ["a app_old", "a_old app_old", "b \(owner)", "z \(owner)"])
      let again = try await database.setup("apply", ["--iam-user", "iamuser", "--yes"])
      #expect(again.status == 0, "\(again.output)")
      let all = try await Self.owners(database)
      #expect(all.allSatisfy { $0.hasSuffix(owner) }, "\(all)")
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      try await database.psql("DROP TABLE a; ALTER TABLE a_old RENAME TO a")
      #expect(try await database.dump().differences(from: before) == [])
    }
  }

  @Test(
    "names that change while apply waits for the table are noticed under its lock",
    arguments: [ServerName.pg15RDS, .pg18RDS])
  func swappedUnderway(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.tables)
      let other = try await database.server.connect(.superuser, database: database.name)
      try await other.execute("BEGIN; \(Self.swap)")
      let apply = try await database.setup("apply", ["--iam-user", "iamuser", "--yes"]) { _ in
        try await other.untilSomebodyWaits()
        try await other.execute("COMMIT")
      }
      #expect(apply.status == 1, "\(apply.output)")
      #expect(apply.output.contains("table public.a: "), "\(apply.output)")
      let owner = database.ownerRole
      #expect(try await Self.owners(database) == ["a app_old", "a_old app_old", "b \(owner)", "z \(owner)"])
    }
  }

  @Test("tables that were exchanged for one another both move")
  func exchanged() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.psql(Self.tables)
      let outcome = try await Self.apply(database) {
        try await database.psql(
          "ALTER TABLE a RENAME TO c; ALTER TABLE b RENAME TO a; ALTER TABLE c RENAME TO b")
      }
      #expect(Set(outcome.left.map(\.object)) == ["public.a", "public.b"])
      let again = try await database.setup("apply", ["--iam-user", "iamuser", "--yes"])
      #expect(again.status == 0, "\(again.output)")
      #expect(try await Self.owners(database) == ["a", "b", "z"].map { "\($0) \(database.ownerRole)" })
    }
  }

  @Test(
    "a role of the planned name that somebody else creates meanwhile asks for the same command again",
    arguments: [ServerName.pg15RDS, .pg18RDS])
  func roleInBetween(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.tables)
      let other = try await database.server.connect(.superuser, database: database.name)
      for role in ["iamuser", database.ownerRole] {
        try await other.execute("BEGIN; CREATE ROLE \(role)")
        let plan = try await database.setup("plan", ["--iam-user", "iamuser"]) { _ in
          try await other.waitsForTransaction()
          try await other.execute("COMMIT")
        }
        #expect(plan.status == 1, "\(plan.output)")
        #expect(plan.stderr.contains("run the same command again"), "\(plan.output)")
        #expect(!plan.output.contains("Missing"), "\(plan.output)")
        try await other.execute("DROP ROLE \(role)")
        let problem = await #expect(throws: SetupProblem.self) {
          try await Self.apply(database) { try await other.execute("CREATE ROLE \(role)") }
        }
        #expect(problem?.id == "changed-since-plan", "\(String(describing: problem))")
        try await other.execute("DROP ROLE \(role)")
      }
    }
  }
}

extension Session {
  /// Comes back when somebody waits for this transaction to end.
  fileprivate func waitsForTransaction() async throws {
    for _ in 0..<2000 {
      let rows = try await query(
        """
        SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'
          AND transactionid = pg_current_xact_id_if_assigned()::xid
        """)
      if rows.integer(0, 0) > 0 { return }
      try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("nobody waits for it")
  }
}

@Suite("Changes that the server refuses")
struct RefusedChangesTests {
  static func size(of path: String) throws -> Int {
    try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
  }

  @Test(
    "a thousand of them cost what a thousand changes cost, and the journal has each once",
    arguments: [ServerName.pg15RDS, .pg18RDS])
  func thousand(on server: ServerName) async throws {
    try await TestDatabase.run(on: server, alone: true) { database in
      let clock = ContinuousClock()
      try await database.fill(tables: 1000)
      let options = ["--iam-user", "iamuser", "--yes"]
      let made = try await clock.measure {
        let apply = try await database.setup("apply", options)
        #expect(apply.status == 0, "\(apply.output)")
      }
      let journalOfMade = try Self.size(of: database.journal)
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      try FileManager.default.removeItem(atPath: database.journal)
      // Every second table of them all is refused, and then every one of the last 500.
      try await database.psql(
        """
        CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
          IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() c WHERE c.object_type = 'table'
            AND (substr(split_part(c.object_identity, '.', 2), 2)::int % 2 = 0
              OR substr(split_part(c.object_identity, '.', 2), 2)::int > 500)) THEN
            RAISE EXCEPTION 'the administrator says no';
          END IF; END $$;
        CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION refuse();
        """)
      var refused: ChildProcess.Result?
      let time = try await clock.measure { refused = try await database.setup("apply", options) }
      let output = refused?.output ?? ""
      #expect(refused?.status == 1)
      #expect(output.contains("table (750) "), "\(output.suffix(2000))")
      #expect(output.contains(": the administrator says no"), "\(output.suffix(2000))")
      let others = try await database.objectsNotOwned(by: database.ownerRole)
      #expect(
        others.filter { !$0.contains("_seq") && !$0.contains("_pkey") && $0.hasPrefix("relation") }.count
          == 750)
      let journal = try Self.size(of: database.journal)
      print(
        "\(server.rawValue): 1,000 made in \(made), 750 of 1,000 refused in \(time); journal \(journalOfMade), \(journal)"
      )
      #expect(time < made * 4 + .seconds(1))
      #expect(journal < journalOfMade)
      try await database.psql("DROP EVENT TRIGGER refuse; DROP FUNCTION refuse()")
    }
  }
}

@Suite("One session that holds very many tables")
struct ManyHeldTablesTests {
  static let tables = 3000

  @Test("costs the waits for one session, and one line of report")
  func dump() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fill(tables: Self.tables)
      let reader = try await database.server.connect(
        .superuser, database: database.name, application: "pg_dump")
      try await reader.execute("BEGIN")
      try await reader.execute(
        "LOCK TABLE \((1..<Self.tables).map { "t\($0)" }.joined(separator: ", ")) IN ACCESS SHARE MODE")
      let options = ["--iam-user", "iamuser", "--lock-timeout", "1s", "--yes"]
      var apply: ChildProcess.Result?
      let time = try await ContinuousClock().measure { apply = try await database.setup("apply", options) }
      let output = apply?.stdout ?? ""
      let report = output.components(separatedBy: "Left as it was:").last ?? ""
      print("\(Self.tables - 1) held tables: \(time)")
      #expect(apply?.status == 1)
      #expect(
        report.contains("table (\(Self.tables - 1)) ")
          && report.contains(": locked by another session: pid \(reader.backendPID) (pg_dump"),
        "\(report.prefix(2000))")
      #expect(report.split(separator: "\n").count < 8, "\(report.prefix(2000))")
      #expect(time < .seconds(60))

      let json = try await database.setup("apply", options + ["--format", "json"])
      let result = try #require(try SetupDocument(json).result)
      #expect(result.left.count == Self.tables - 1 && result.left.allSatisfy { $0.blockers == [0] })
      #expect(result.blockers.map(\.pid) == [Int(reader.backendPID)])
    }
  }

  @Test("that ends meanwhile leaves the rest to batches, not to one table after the other")
  func ends() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fill(tables: Self.tables)
      let reader = try await database.server.connect(.superuser, database: database.name)
      try await reader.execute("BEGIN")
      try await reader.execute(
        "LOCK TABLE \((1..<Self.tables).map { "t\($0)" }.joined(separator: ", ")) IN ACCESS SHARE MODE")
      let apply = try await database.setup("apply", ["--iam-user", "iamuser", "--yes"]) { _ in
        try await Task.sleep(for: .seconds(2))
        try await reader.execute("COMMIT")
      }
      #expect(apply.status == 0, "\(apply.output.suffix(2000))")
      let journal = try String(contentsOfFile: database.journal, encoding: .utf8)
      #expect(journal.split(separator: "\n").count < 40)
    }
  }
}
