import Testing

@Suite("Foreign keys whose actions run code of a low role")
struct ForeignKeyTests {
  /// `low` may read nothing of `app`, and can make a foreign key of its own act when it likes.
  static let roles =
    TestDatabase.lowRole + """
      CREATE TABLE lows.parent (id integer PRIMARY KEY);
      CREATE FUNCTION lows.fire() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN coalesce(NEW, OLD); END';
      CREATE FUNCTION lows.code(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN $1; END';
      CREATE FUNCTION lows.worth(integer) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN true; END';
      """

  /// What `low` makes of its functions after the move.
  static let replaced = """
    SET ROLE low;
    CREATE OR REPLACE FUNCTION lows.fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO lows.loot SELECT secret, current_user FROM public.secrets; RETURN coalesce(NEW, OLD); END $$;
    CREATE OR REPLACE FUNCTION lows.code(integer) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO lows.loot SELECT secret, current_user FROM public.secrets; RETURN $1; END $$;
    CREATE OR REPLACE FUNCTION lows.worth(integer) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO lows.loot SELECT secret, current_user FROM public.secrets; RETURN true; END $$;
    """

  struct Case: CustomTestStringConvertible, Sendable {
    var testDescription: String
    /// Of `low`: a table `public.child` that refers to `lows.parent`.
    var table: String
    /// What makes the foreign key act.
    var act = "DELETE FROM lows.parent WHERE id = 2"
  }

  static let cases = [
    Case(
      testDescription: "a trigger under CASCADE",
      table: """
        CREATE TABLE child (id integer REFERENCES lows.parent ON DELETE CASCADE);
        CREATE TRIGGER fire BEFORE DELETE ON child FOR EACH ROW EXECUTE FUNCTION lows.fire();
        """),
    Case(
      testDescription: "a trigger that is SECURITY DEFINER until after the move",
      table: """
        ALTER FUNCTION lows.fire() SECURITY DEFINER;
        CREATE TABLE child (id integer REFERENCES lows.parent ON DELETE CASCADE);
        CREATE TRIGGER fire BEFORE DELETE ON child FOR EACH ROW EXECUTE FUNCTION lows.fire();
        """),
    Case(
      testDescription: "a default under SET DEFAULT",
      table:
        "CREATE TABLE child (id integer DEFAULT lows.code(1) REFERENCES lows.parent ON DELETE SET DEFAULT);"),
    Case(
      testDescription: "a check under SET NULL",
      table: """
        CREATE TABLE child (id integer REFERENCES lows.parent ON DELETE SET NULL, n integer CHECK (lows.worth(n)));
        """),
    Case(
      testDescription: "a generated column under ON UPDATE CASCADE",
      table: """
        CREATE TABLE child (id integer REFERENCES lows.parent ON UPDATE CASCADE,
          n integer GENERATED ALWAYS AS (lows.code(id)) STORED);
        """, act: "UPDATE lows.parent SET id = 4 WHERE id = 2"),
    Case(
      testDescription: "a rule under CASCADE",
      table: """
        CREATE TABLE child (id integer REFERENCES lows.parent ON DELETE CASCADE);
        CREATE RULE note AS ON DELETE TO child DO ALSO SELECT lows.worth(OLD.id);
        """),
    Case(
      testDescription: "a trigger of a partition's partition under CASCADE",
      table: """
        CREATE TABLE child (id integer REFERENCES lows.parent ON DELETE CASCADE) PARTITION BY LIST (id);
        CREATE TABLE lows.part PARTITION OF child DEFAULT PARTITION BY LIST (id);
        CREATE TABLE lows.leaf PARTITION OF lows.part DEFAULT;
        CREATE TRIGGER fire BEFORE DELETE ON lows.leaf FOR EACH ROW EXECUTE FUNCTION lows.fire();
        """),
    Case(
      testDescription: "a cast in a foreign key without any action",
      table: """
        CREATE TYPE lows.mark AS ENUM ('1', '2', '3');
        CREATE FUNCTION lows.number(lows.mark) RETURNS integer LANGUAGE plpgsql AS 'BEGIN RETURN $1::text::integer; END';
        CREATE CAST (lows.mark AS integer) WITH FUNCTION lows.number AS IMPLICIT;
        CREATE TABLE child (id lows.mark REFERENCES lows.parent);
        """,
      act: """
        CREATE OR REPLACE FUNCTION lows.number(lows.mark) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN
          PERFORM lows.worth(1); RETURN $1::text::integer; END $$;
        DELETE FROM lows.parent WHERE id = 3
        """),
  ]

  @Test("leave their table with it, and it gains nothing", arguments: cases)
  func staying(_ example: Case) async throws {
    for server in [ServerName.pg15RDS, .pg18RDS] {
      try await TestDatabase.run(on: server) { database in
        try await database.psql(
          Self.roles + example.table
            + "INSERT INTO lows.parent VALUES (1), (2), (3); INSERT INTO child VALUES ('2');")
        let plan = try SetupDocument(
          try await database.setup("plan", OwnerRightsTests.options + ["--format", "json"]))
        #expect(plan.skipped.map(\.object) == ["public.child"])
        #expect(
          plan.ownerRights.map(\.means) == ["foreign-key"] && plan.ownerRights.first?.gainers == ["low"])
        let apply = try await database.setup("apply", OwnerRightsTests.options + ["--yes"])
        #expect(apply.status == 0, "\(apply.output)")
        let second = try await database.setup("plan", OwnerRightsTests.options + ["--detailed-exitcode"])
        #expect(second.status == 0, "\(second.output)")
        // What acts as `low` is refused; what does nothing then is well, too.
        _ = try? await database.psql(Self.replaced + example.act)
        #expect(try await database.psql("TABLE lows.loot") == "")
        let revert = try await database.setup("revert", ["--yes"])
        #expect(revert.status == 0, "\(revert.output)")
      }
    }
  }

  @Test("of an application alone move, code and all")
  func application() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.psql(
        """
        CREATE ROLE app LOGIN PASSWORD 'not used';
        GRANT ALL ON SCHEMA public TO app;
        SET ROLE app;
        CREATE TABLE parent (id integer PRIMARY KEY);
        CREATE TABLE child (id integer REFERENCES parent ON DELETE CASCADE);
        CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
        CREATE TRIGGER fire BEFORE DELETE ON child FOR EACH ROW EXECUTE FUNCTION fire();
        """)
      try await database.expectRoundTrip(["--iam-user", "iamuser"])
    }
  }
}
