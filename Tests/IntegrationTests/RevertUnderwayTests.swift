import Postgres
import Provisioning
import Testing

@Suite("Tables that come and go while a revert is under way")
struct RevertUnderwayTests {
  private struct Silence: SetupObserver, Interruption {
    var isRequested: Bool { false }
    func receive(_ event: SetupEvent) {}
  }

  /// Plans, lets something happen, and reverts by that plan.
  private static func revert(
    _ database: TestDatabase, after meanwhile: () async throws -> Void
  ) async throws -> BatchOutcome {
    let session = try await database.server.connect(
      database.serverName.administrator, database: database.name)
    let planner = RevertPlanner(
      session: session, journal: database.journal, request: SetupRequest(iamUser: ""))
    let plan = try await planner.plan()
    try await meanwhile()
    let revert = Revert(
      session: session, plan: plan, journal: try Journal.open(database.journal), observer: Silence(),
      interruption: Silence())
    var outcome = try await revert.objects(planner)
    guard outcome.isComplete else { return outcome }
    outcome.add(try await revert.connections())
    outcome.add(try await revert.roles(planner))
    return outcome
  }

  @Test(
    "what has been dropped is done, what has another name goes back under it, and the roles go",
    arguments: [ServerName.pg15RDS, .pg18RDS], ["owner-role", "direct"])
  func dropped(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(TestDatabase.application + "SET ROLE app; CREATE TABLE work (id integer)")
      let before = try await database.memberships()
      let apply = try await database.setup("apply", ["--iam-user", "iamuser", "--mode", mode, "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      let outcome = try await Self.revert(database) {
        try await database.psql("DROP TABLE work; ALTER TABLE items RENAME TO parts")
      }
      #expect(outcome.isComplete, "\(outcome)")
      #expect(
        outcome.notices == [
          "table public.work does not have to go back any more: it has been dropped since the plan was made"
        ])
      let owners = try await database.psql(
        "SELECT relname || ' ' || relowner::regrole FROM pg_class WHERE relkind = 'r' AND oid >= 16384 ORDER BY 1"
      )
      #expect(owners == "orders app\nparts app")
      #expect(try await database.memberships() == before)
      let roles = try await database.psql("SELECT count(*) FROM pg_roles WHERE rolname = 'iamuser'")
      #expect(roles == "0")
      let again = try await database.setup("revert", ["--yes"])
      #expect(again.stdout.contains("Nothing to undo"), "\(again.output)")
    }
  }

  @Test("a table that is dropped while revert waits for it is done")
  func droppedWhileWaiting() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.psql(TestDatabase.application)
      let apply = try await database.setup("apply", ["--iam-user", "iamuser", "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      let other = try await database.server.connect(.superuser, database: database.name)
      try await other.execute("BEGIN; DROP TABLE items")
      let revert = try await database.setup("revert", ["--yes"]) { _ in
        try await other.untilSomebodyWaits()
        try await other.execute("COMMIT")
      }
      #expect(revert.status == 0, "\(revert.output)")
      #expect(
        revert.stdout.contains("table public.items does not have to go back any more"), "\(revert.output)")
      let roles = try await database.psql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('iamuser', '\(database.ownerRole)')")
      #expect(roles == "0")
    }
  }

  @Test("what the server refuses for another reason is left, and named")
  func refused() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.psql(TestDatabase.application)
      let apply = try await database.setup("apply", ["--iam-user", "iamuser", "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await database.psql(
        """
        CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
          IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() c WHERE c.object_identity = 'public.items') THEN
            RAISE EXCEPTION 'the administrator says no';
          END IF; END $$;
        CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN TAG IN ('ALTER TABLE') EXECUTE FUNCTION refuse();
        """)
      let outcome = try await Self.revert(database) { try await database.psql("DROP TABLE orders") }
      #expect(!outcome.isComplete)
      #expect(outcome.left.map(\.object) == ["public.items"])
      #expect(outcome.left.first?.reason.contains("the administrator says no") == true)
      try await database.psql("DROP EVENT TRIGGER refuse; DROP FUNCTION refuse()")
    }
  }
}
