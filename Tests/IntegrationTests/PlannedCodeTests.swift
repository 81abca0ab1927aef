import Foundation
import Postgres
import Provisioning
import Testing

@Suite("Apply moves what was judged")
struct PlannedCodeTests {
  /// `low` may read nothing of `app`, and when the plan is made nothing of its own acts for it.
  static let harmless =
    TestDatabase.lowRole + """
      SET ROLE app;
      CREATE VIEW names AS SELECT 'none'::text AS secret FROM secrets;
      SET ROLE low;
      CREATE TABLE lows.parent (id integer PRIMARY KEY);
      CREATE FUNCTION lows.fire() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
      CREATE FUNCTION lows.twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
      CREATE VIEW spy AS SELECT 'none'::text AS secret;
      GRANT SELECT ON spy TO PUBLIC;
      CREATE VIEW quiet AS SELECT secret FROM secrets;
      CREATE FUNCTION spying() RETURNS SETOF text LANGUAGE sql AS 'SELECT ''none''::text';
      CREATE FUNCTION hidden() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
      REVOKE ALL ON FUNCTION hidden() FROM PUBLIC;
      CREATE TABLE child (id integer REFERENCES lows.parent ON DELETE CASCADE);
      CREATE TABLE plain (id integer);
      RESET ROLE;
      """

  static let changes = [
    ("public.spy", "CREATE OR REPLACE VIEW spy AS SELECT secret FROM secrets"),
    ("public.quiet", "GRANT SELECT ON quiet TO PUBLIC"),
    ("public.quiet", "GRANT SELECT (secret) ON quiet TO PUBLIC"),
    ("public.spying()", "ALTER FUNCTION spying() SECURITY DEFINER"),
    ("public.hidden()", "GRANT EXECUTE ON FUNCTION hidden() TO PUBLIC"),
    ("public.child", "CREATE TRIGGER fire BEFORE DELETE ON child FOR EACH ROW EXECUTE FUNCTION lows.fire()"),
    ("public.plain", "CREATE INDEX ON plain (lows.twice(id))"),
    (
      "public.plain",
      "CREATE RULE leave AS ON INSERT TO plain DO INSTEAD DELETE FROM secrets; GRANT INSERT ON plain TO PUBLIC"
    ),
  ]

  private static func request() -> SetupRequest {
    var request = SetupRequest(iamUser: "iamuser")
    request.keepAccess = ["app"]
    return request
  }

  private static func owner(of object: String, _ database: TestDatabase) async throws -> String {
    let catalog =
      object.hasSuffix(")")
      ? "pg_proc WHERE oid = '\(object)'::regprocedure" : "pg_class WHERE oid = '\(object)'::regclass"
    let column = object.hasSuffix(")") ? "proowner" : "relowner"
    return try await database.psql("SELECT pg_get_userbyid(\(column)) FROM \(catalog)")
  }

  @Test("what has come to act for its owner since the plan was made is left and named", arguments: changes)
  func changed(_ object: String, _ change: String) async throws {
    for server in [ServerName.pg15RDS, .pg18RDS] {
      try await TestDatabase.run(on: server) { database in
        try await database.psql(Self.harmless)
        let outcome = try await PlannedObjectsTests.apply(database, Self.request()) {
          try await database.psql("SET ROLE low; \(change)")
        }
        #expect(outcome.left.map(\.object) == [object])
        #expect(outcome.left.first?.reason.contains("has changed since the plan was made") == true)
        #expect(try await Self.owner(of: object, database) == "low")
        // The next plan says why it stays.
        let next = try SetupDocument(
          try await database.setup("plan", OwnerRightsTests.options + ["--format", "json"]))
        #expect(next.skipped.map(\.object) == [object])
      }
    }
  }

  @Test("a table that changes while apply waits for its lock is noticed under the lock")
  func underway() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.psql(Self.harmless)
      let other = try await database.server.connect(.superuser, database: database.name)
      try await other.execute(
        """
        BEGIN; SET LOCAL ROLE low;
        CREATE TRIGGER fire BEFORE DELETE ON child FOR EACH ROW EXECUTE FUNCTION lows.fire()
        """)
      let apply = try await database.setup("apply", OwnerRightsTests.options + ["--yes"]) { _ in
        try await other.untilSomebodyWaits()
        try await other.execute("COMMIT")
      }
      #expect(apply.status == 1, "\(apply.output)")
      #expect(apply.output.contains("table public.child: "), "\(apply.output)")
      #expect(try await Self.owner(of: "public.child", database) == "low")
      #expect(try await Self.owner(of: "public.plain", database) == database.ownerRole)
    }
  }

  @Test("what changes nothing about that is no obstacle: data, comments, columns, an application's own code")
  func harmlessChanges() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.psql(Self.harmless)
      let outcome = try await PlannedObjectsTests.apply(database, Self.request()) {
        try await database.psql(
          """
          SET ROLE low;
          ALTER TABLE plain ADD COLUMN n integer DEFAULT 1, SET (fillfactor = 90);
          INSERT INTO plain VALUES (1);
          COMMENT ON VIEW spy IS 'a view';
          GRANT SELECT ON plain TO PUBLIC;
          GRANT SELECT ON spy TO app;
          CREATE OR REPLACE FUNCTION spying() RETURNS SETOF text LANGUAGE sql AS 'SELECT ''other''::text';
          SET ROLE app;
          CREATE OR REPLACE VIEW names AS SELECT secret FROM secrets;
          GRANT SELECT ON names TO app;
          """)
      }
      #expect(outcome.left.isEmpty, "\(outcome.left)")
      for object in ["public.spy", "public.plain", "public.names", "public.spying()"] {
        #expect(try await Self.owner(of: object, database) == database.ownerRole, "\(object)")
      }
    }
  }
}
