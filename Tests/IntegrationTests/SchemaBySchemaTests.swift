import Testing

@Suite("A database that is moved schema by schema")
struct SchemaBySchemaTests {
  static let servers: [ServerName] = [.pg15RDS, .pg18RDS]

  /// `app` owns one schema; another is `low`'s, who may read nothing of the first.
  static let schemas = """
    CREATE ROLE app LOGIN PASSWORD 'not used';
    CREATE ROLE low LOGIN PASSWORD 'not used';
    CREATE SCHEMA apps AUTHORIZATION app;
    CREATE SCHEMA lows AUTHORIZATION low;
    SET ROLE app;
    GRANT USAGE ON SCHEMA apps TO PUBLIC;
    CREATE TABLE apps.secrets (secret text);
    INSERT INTO apps.secrets VALUES ('gold');
    CREATE VIEW apps.names AS SELECT secret FROM apps.secrets;
    SET ROLE low;
    GRANT USAGE ON SCHEMA lows TO PUBLIC;
    CREATE TABLE lows.own (note text);
    INSERT INTO lows.own VALUES ('mine');
    CREATE VIEW lows.spy AS SELECT secret FROM apps.secrets;
    CREATE VIEW lows.notes AS SELECT note FROM lows.own;
    GRANT SELECT ON lows.spy, lows.notes TO PUBLIC;
    CREATE FUNCTION lows.spying() RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER
      AS 'BEGIN RETURN QUERY SELECT secret FROM apps.secrets; END';
    CREATE FUNCTION lows.twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
    CREATE TABLE lows.measured (id integer);
    CREATE INDEX ON lows.measured (lows.twice(id));
    RESET ROLE;
    """
  static let spies = ["lows.measured", "lows.spy", "lows.spying()"]
  private static let attempts = ["SELECT * FROM lows.spy", "SELECT * FROM lows.spying()"]

  private static func expectNothingGained(_ database: TestDatabase) async throws {
    for attempt in attempts {
      let refusal = await #expect(throws: SandboxServer.Refusal.self, "\(attempt)") {
        try await database.psql("SET ROLE low; \(attempt)")
      }
      #expect(refusal?.message.contains("permission denied") == true, "\(attempt): \(refusal?.message ?? "")")
    }
  }

  @Test(
    "what an earlier run moved is judged again before more moves to its owner, and the way out works",
    arguments: servers)
  func again(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.schemas)
      let options = ["--iam-user", "iamuser", "--schema"]
      let first = try await database.setup("apply", options + ["lows", "--yes"])
      #expect(first.status == 0, "\(first.output)")
      let plan = try SetupDocument(try await database.setup("plan", options + ["apps", "--format", "json"]))
      #expect(plan.blocked)
      #expect(plan.ownerRights.map(\.object).sorted() == Self.spies)
      #expect(Set(plan.ownerRights.map(\.oldOwner)) == ["low"])
      let spy = try #require(plan.ownerRights.first { $0.object == "lows.spy" })
      #expect(spy.gains == ["SELECT on apps.secrets"] && spy.gainers == ["PUBLIC"])
      let refused = try await database.setup("apply", options + ["apps", "--yes"])
      #expect(refused.status == 1 && refused.output.contains("setup revert"), "\(refused.output)")
      try await Self.expectNothingGained(database)

      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      let together = try await database.setup("apply", options + ["apps", "--schema", "lows", "--yes"])
      #expect(together.status == 0, "\(together.output)")
      try await Self.expectNothingGained(database)
      #expect(try await database.psql("SET ROLE low; SELECT * FROM lows.notes") == "mine")
    }
  }

  @Test("--include owner-rights goes on and warns once", arguments: servers)
  func included(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.schemas)
      let options = ["--iam-user", "iamuser", "--schema"]
      let first = try await database.setup("apply", options + ["lows", "--yes"])
      #expect(first.status == 0, "\(first.output)")
      let second = try await database.setup(
        "apply", options + ["apps", "--include", "owner-rights", "--yes"])
      #expect(second.status == 0, "\(second.output)")
      #expect(second.output.contains("an earlier run moved"), "\(second.output)")
      let third = try SetupDocument(try await database.setup("plan", options + ["apps", "--format", "json"]))
      #expect(third.ownerRights.isEmpty && !third.blocked)
    }
  }

  @Test(
    "one application's schemas move one after the other in any order",
    arguments: [["lows", "apps"], ["apps", "lows"]])
  func application(_ order: [String]) async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.psql(
        Self.schemas + "REASSIGN OWNED BY low TO app;")
      let before = try await database.dump()
      for schema in order {
        let apply = try await database.setup(
          "apply", ["--iam-user", "iamuser", "--schema", schema, "--yes", "--format", "json"])
        #expect(apply.status == 0, "\(apply.output)")
        #expect(try SetupDocument(apply).ownerRights.isEmpty)
      }
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      #expect(try await database.dump().differences(from: before) == [])
    }
  }
}
