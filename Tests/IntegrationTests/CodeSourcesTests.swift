import Testing

@Suite("What REFRESH, REINDEX, ANALYZE and foreign keys lead to")
struct CodeSourcesTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var object: String
    /// What `low` makes while it is harmless.
    var before: String
    /// What `low` makes of it after the move.
    var after: String
    /// What the new owner does then, or `low`.
    var act: String
  }

  /// `low` writes down what whoever calls these can read.
  static let functions = """
    CREATE FUNCTION lows.grab(text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO lows.loot SELECT secret, current_user FROM public.secrets; RETURN $1; END $$;
    CREATE FUNCTION lows.grabs(text) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO lows.loot SELECT secret, current_user FROM public.secrets; RETURN true; END $$;
    """

  static let cases = [
    Case(
      testDescription: "a view that another query can replace", object: "public.copy",
      before: """
        CREATE VIEW lows.inner AS SELECT 'x'::text AS a; CREATE VIEW lows.outer AS SELECT a FROM lows.inner;
        CREATE MATERIALIZED VIEW copy AS SELECT a FROM lows.outer;
        """,
      after: "CREATE OR REPLACE VIEW lows.inner AS SELECT lows.grab('x') AS a",
      act: "REFRESH MATERIALIZED VIEW copy"),
    Case(
      testDescription: "a table that can get a policy", object: "public.copy",
      before: "CREATE TABLE lows.base (a text); CREATE MATERIALIZED VIEW copy AS SELECT a FROM lows.base;",
      after: """
        INSERT INTO lows.base VALUES ('x'); GRANT SELECT ON lows.base TO PUBLIC; ALTER TABLE lows.base ENABLE ROW LEVEL SECURITY;
        CREATE POLICY p ON lows.base USING (lows.grabs(a))
        """, act: "REFRESH MATERIALIZED VIEW copy"),
    Case(
      testDescription: "a domain that can get a check, in a query", object: "public.copy",
      before:
        "CREATE DOMAIN lows.word AS text; CREATE MATERIALIZED VIEW copy AS SELECT a::lows.word FROM texts;",
      after: "ALTER DOMAIN lows.word ADD CHECK (lows.grabs(VALUE)) NOT VALID",
      act: "REFRESH MATERIALIZED VIEW copy"),
    Case(
      testDescription: "a row type that can get a column with a check", object: "public.copy",
      before: """
        CREATE TYPE lows.pair AS (a text);
        CREATE MATERIALIZED VIEW copy AS SELECT json_populate_record(NULL::lows.pair, '{"a": "x", "b": "y"}')::text AS a;
        """,
      after: """
        CREATE DOMAIN lows.word AS text; ALTER DOMAIN lows.word ADD CHECK (lows.grabs(VALUE));
        ALTER TYPE lows.pair ADD ATTRIBUTE b lows.word
        """, act: "REFRESH MATERIALIZED VIEW copy"),
    Case(
      testDescription: "a domain over a domain, in an index", object: "public.texts",
      before:
        "CREATE DOMAIN lows.word AS text; CREATE DOMAIN lows.words AS lows.word; CREATE INDEX ON texts ((a::lows.words));",
      after: "ALTER DOMAIN lows.word ADD CHECK (lows.grabs(VALUE)) NOT VALID", act: "REINDEX TABLE texts"),
    Case(
      testDescription: "a column's domain under ON UPDATE CASCADE", object: "public.child",
      before: """
        CREATE DOMAIN lows.word AS text; CREATE TABLE lows.parent (id text PRIMARY KEY);
        CREATE TABLE child (id lows.word REFERENCES lows.parent ON UPDATE CASCADE);
        INSERT INTO lows.parent VALUES ('1'); INSERT INTO child VALUES ('1');
        """,
      after: "ALTER DOMAIN lows.word ADD CHECK (lows.grabs(VALUE)) NOT VALID",
      act: "RESET ROLE; SET ROLE low; UPDATE lows.parent SET id = '2'"),
  ]

  static let roles =
    TestDatabase.lowRole + """
      CREATE TABLE texts (a text);
      INSERT INTO texts VALUES ('x');
      """
  static let options = OwnerRightsTests.options + ["--schema", "public"]

  @Test("is followed to whatever a low role can still change, and that stays with it", arguments: cases)
  func staying(_ example: Case) async throws {
    for server in [ServerName.pg15RDS, .pg18RDS] {
      try await TestDatabase.run(on: server) { database in
        try await database.psql(Self.roles + example.before)
        let plan = try SetupDocument(try await database.setup("plan", Self.options + ["--format", "json"]))
        #expect(plan.skipped.map(\.object) == [example.object])
        let apply = try await database.setup("apply", Self.options + ["--yes"])
        #expect(apply.status == 0, "\(apply.output)")
        let second = try await database.setup("plan", Self.options + ["--detailed-exitcode"])
        #expect(second.status == 0, "\(second.output)")
        try await database.psql("SET ROLE low;" + Self.functions + example.after)
        _ = try? await database.psql("SET ROLE \(database.ownerRole); \(example.act)")
        #expect(try await database.psql("TABLE lows.loot") == "")
      }
    }
  }

  @Test("moves where all that it leads to moves, too, or is of somebody above")
  func moving() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.psql(
        Self.roles + """
          CREATE DOMAIN word AS text CHECK (VALUE <> '');
          CREATE VIEW inside AS SELECT a FROM texts;
          GRANT SELECT ON inside TO PUBLIC;
          CREATE MATERIALIZED VIEW copy AS SELECT a::word FROM inside;
          CREATE MATERIALIZED VIEW catalog AS SELECT schemaname::text FROM pg_tables;
          CREATE INDEX ON texts ((a::word));
          """)
      let plan = try SetupDocument(try await database.setup("plan", Self.options + ["--format", "json"]))
      #expect(plan.skipped.isEmpty, "\(plan.skipped)")
    }
  }
}
