import Postgres
import Provisioning
import Testing

@Suite("Apply and what was dropped since the plan")
struct DroppedSincePlanTests {
  @Test(
    "what has been dropped since needs nothing: it is named, and apply goes to its end",
    arguments: [ServerName.pg15RDS, .pg18RDS], ["owner-role", "direct"])
  func gone(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(
        """
        \(PlannedObjectsTests.tables) CREATE SCHEMA s AUTHORIZATION app_old; GRANT CREATE ON SCHEMA public TO app_old; SET ROLE app_old;
        CREATE TABLE s.t (); CREATE VIEW v AS TABLE a; CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'
        """)
      var request = SetupRequest(iamUser: "iamuser")
      request.schemas = .all
      request.keepAccess = ["app_old"]
      if mode == "direct" { request.mode = .direct }
      let outcome = try await PlannedObjectsTests.apply(database, request) {
        try await database.psql("DROP VIEW v; DROP TABLE a; DROP FUNCTION f(); DROP SCHEMA s CASCADE")
      }
      #expect(outcome.isComplete, "\(outcome)")
      #expect(outcome.notices.contains { $0.contains("public.a") }, "\(outcome.notices)")
      #expect(try await PlannedObjectsTests.owners(database).allSatisfy { !$0.hasSuffix("app_old") })
      let again = try await database.setup(
        "plan",
        [
          "--iam-user", "iamuser", "--mode", mode, "--all-schemas", "--keep-access", "app_old",
          "--detailed-exitcode",
        ])
      #expect(again.status == 0, "\(again.output)")
    }
  }

  @Test(
    "so does a table that is dropped while apply waits for it", arguments: [ServerName.pg15RDS, .pg18RDS])
  func goneUnderway(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(PlannedObjectsTests.tables)
      let other = try await database.server.connect(.superuser, database: database.name)
      try await other.execute("BEGIN; DROP TABLE a")
      let apply = try await database.setup("apply", ["--iam-user", "iamuser", "--yes"]) { _ in
        try await other.untilSomebodyWaits()
        try await other.execute("COMMIT")
      }
      #expect(apply.status == 0, "\(apply.output)")
      #expect(apply.output.contains("table public.a: dropped since the plan was made"), "\(apply.output)")
      #expect(try await database.psql("SELECT pg_has_role('iamuser', 'rds_iam', 'MEMBER')") == "t")
    }
  }

  @Test(
    "what has been dropped and made anew since is left and named", arguments: [ServerName.pg15RDS, .pg18RDS])
  func madeAnew(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(PlannedObjectsTests.tables)
      let outcome = try await PlannedObjectsTests.apply(database) {
        try await database.psql("DROP TABLE a, b; CREATE TABLE a (); ALTER TABLE a OWNER TO app_old")
      }
      #expect(outcome.left.map(\.object) == ["public.a"])
      #expect(
        outcome.notices.contains("table public.b: dropped since the plan was made"), "\(outcome.notices)")
      let again = try await database.setup("apply", ["--iam-user", "iamuser", "--yes"])
      #expect(again.status == 0, "\(again.output)")
      #expect(
        try await PlannedObjectsTests.owners(database) == ["a", "z"].map { "\($0) \(database.ownerRole)" })
    }
  }

  @Test("a thousand tables that have been dropped since cost what a thousand tables cost")
  func dropped() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fill(tables: 1000)
      let outcome = try await PlannedObjectsTests.apply(database) {
        try await database.psql(
          """
          DO $$ BEGIN FOR i IN 1..999 LOOP EXECUTE format('DROP TABLE t%s', i);
            IF i % 200 = 0 THEN COMMIT; END IF; END LOOP; END $$
          """)
      }
      #expect(outcome.isComplete && outcome.left.isEmpty)
      #expect(outcome.notices.count == 1)
      #expect(
        outcome.notices.first?.contains("and 996 more: dropped since the plan was made") == true,
        "\(outcome.notices)")
      #expect(try await PlannedObjectsTests.owners(database) == ["t1000 \(database.ownerRole)"])
      #expect(try RefusedChangesTests.size(of: database.journal) < 100_000)
    }
  }
}
