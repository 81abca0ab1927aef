import Foundation
import Postgres
import Testing

@Suite("Logical replication through a move")
struct LogicalReplicationTests {
  static let options = ["--iam-user", "iamuser"]

  @Test(
    "a subscription whose owner may not become the new owner stops as the plan says, and goes on when it may",
    arguments: [ServerName.pg16RDS, .pg18RDS])
  func subscription(on server: ServerName) async throws {
    try await Sandbox.own(server, settings: ["wal_level=logical"]) { database in
      let source = database.another("source")
      try await source.create()
      try await source.psql(
        """
        CREATE ROLE sender LOGIN REPLICATION PASSWORD 'sender';
        CREATE TABLE customers (id integer PRIMARY KEY);
        CREATE PUBLICATION everything FOR TABLE customers;
        SELECT pg_create_logical_replication_slot('slot', 'pgoutput');
        """)
      try await database.psql(
        """
        CREATE ROLE app LOGIN PASSWORD 'app';
        CREATE ROLE copier LOGIN PASSWORD 'copier';
        GRANT app TO copier;
        GRANT pg_create_subscription TO copier;
        GRANT CREATE ON DATABASE \(database.name) TO copier;
        GRANT ALL ON SCHEMA public TO app;
        SET ROLE app;
        CREATE TABLE customers (id integer PRIMARY KEY);
        SET ROLE copier;
        CREATE SUBSCRIPTION arrivals
          CONNECTION 'host=127.0.0.1 port=\(database.server.port) dbname=\(source.name) user=sender password=sender'
          PUBLICATION everything WITH (create_slot = false, slot_name = 'slot', copy_data = false);
        """)
      try await source.psql("INSERT INTO customers VALUES (1)")
      try await Self.until(database, "SELECT count(*) = 1 FROM customers")

      let planned = try SetupDocument(
        try await database.setup("plan", Self.options + ["--format", "json"]))
      let loss = try #require(planned.losses.first { $0.kind == "subscription" }, "\(planned.losses)")
      #expect(loss.role == "copier" && loss.objects == ["arrivals"])
      let direct = try SetupDocument(
        try await database.setup(
          "plan", Self.options + ["--mode", "direct", "--keep-access", "app", "--format", "json"]))
      #expect(direct.losses.contains { $0.kind == "subscription" && $0.role == "copier" }, "\(direct.losses)")
      let kept = try SetupDocument(
        try await database.setup("plan", Self.options + ["--keep-access", "app", "--format", "json"]))
      let apply = try await database.setup("apply", Self.options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")

      try await source.psql("INSERT INTO customers VALUES (2)")
      let before = try await database.psql("SELECT apply_error_count FROM pg_stat_subscription_stats")
      try await Self.until(database, "SELECT apply_error_count > \(before) FROM pg_stat_subscription_stats")
      #expect(try await database.psql("SELECT count(*) FROM customers") == "1")
      let log = try String(contentsOfFile: database.server.log, encoding: .utf8)
      #expect(
        log.contains("role \"copier\" cannot SET ROLE to \"\(database.ownerRole)\""), "\(log.suffix(2000))")

      // What --keep-access app would have done.
      #expect(!kept.losses.contains { $0.kind == "subscription" }, "\(kept.losses)")
      let again = try await database.setup("apply", Self.options + ["--keep-access", "app", "--yes"])
      #expect(again.status == 0, "\(again.output)")
      try await Self.until(database, "SELECT count(*) = 2 FROM customers")
      try await database.psql(
        "ALTER SUBSCRIPTION arrivals DISABLE; ALTER SUBSCRIPTION arrivals SET (slot_name = NONE); DROP SUBSCRIPTION arrivals"
      )
    }
  }

  @Test("what logins with replication=database lose is in the plan, and comes true")
  func decoding() async throws {
    try await Sandbox.own(.pg15RDS, settings: ["wal_level=logical"]) { database in
      try await database.psql(
        """
        CREATE ROLE app LOGIN REPLICATION PASSWORD 'app';
        CREATE ROLE iamuser LOGIN REPLICATION;
        GRANT ALL ON SCHEMA public TO app;
        GRANT CREATE ON DATABASE \(database.name) TO app;
        SET ROLE app;
        CREATE TABLE customers (id integer PRIMARY KEY);
        CREATE PUBLICATION own FOR TABLE customers;
        """)
      let options = Self.options + ["--adopt-iam-user"]
      let planned = try SetupDocument(try await database.setup("plan", options + ["--format", "json"]))
      let losses = planned.losses.filter { $0.kind == "replication" }
      #expect(losses.map(\.role) == ["app", "iamuser"], "\(planned.losses)")
      let apply = try await database.setup("apply", options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")

      // The old owner: decoding goes on, copying does not.
      let slot = try await Self.walsender(
        "CREATE_REPLICATION_SLOT a TEMPORARY LOGICAL pgoutput", "app", database)
      #expect(slot.status == 0, "\(slot.output)")
      let copy = try await Self.walsender("COPY public.customers TO STDOUT", "app", database)
      #expect(copy.stderr.contains("permission denied for table customers"), "\(copy.output)")
      await #expect(throws: SandboxServer.Refusal.self) {
        try await database.psql("SET ROLE app; CREATE PUBLICATION more FOR TABLE customers")
      }
      // The IAM user becomes a role without the attribute, which only functions ask for.
      try await database.psql("REVOKE rds_iam FROM iamuser; ALTER ROLE iamuser PASSWORD 'iamuser'")
      let function = "SELECT pg_create_logical_replication_slot('b', 'pgoutput', true)"
      let refusal = await #expect(throws: SandboxServer.Refusal.self) {
        try await database.psql(function, as: .role("iamuser"))
      }
      #expect(refusal?.message.contains("replication") == true, "\(refusal?.message ?? "")")
      try await database.psql("SET ROLE none; \(function)", as: .role("iamuser"))
      let command = "CREATE_REPLICATION_SLOT c TEMPORARY LOGICAL pgoutput"
      let allowed = try await Self.walsender(command, "iamuser", database)
      #expect(allowed.status == 0, "\(allowed.output)")
    }
  }

  /// A command on a connection with `replication=database`.
  private static func walsender(
    _ command: String, _ role: String, _ database: TestDatabase
  ) async throws -> ChildProcess.Result {
    try await database.server.program(
      "psql", ["-XqAt", "-d", "dbname=\(database.name) replication=database", "-c", command], as: .role(role),
      database: database.name)
  }

  private static func until(_ database: TestDatabase, _ condition: String) async throws {
    for _ in 0..<600 {
      if try await database.psql(condition) == "t" { return }
      try await Task.sleep(for: .milliseconds(50))
    }
    Issue.record("never: \(condition)")
  }
}
