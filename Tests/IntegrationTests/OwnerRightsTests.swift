import Testing

@Suite("Objects that act with their owner's privileges")
struct OwnerRightsTests {
  static let options = ["--iam-user", "iamuser", "--keep-access", "app"]
  static let servers: [ServerName] = [.pg15RDS, .pg18RDS, .pg16Stock]

  /// `app` owns the data; `low` may read nothing of it but `prices`, and has prepared for the day of the move.
  static let trap = """
    CREATE ROLE app LOGIN PASSWORD 'not used';
    CREATE ROLE low LOGIN PASSWORD 'not used';
    GRANT ALL ON SCHEMA public TO app, low;
    SET ROLE app;
    CREATE TABLE secrets (id integer, secret text);
    INSERT INTO secrets VALUES (1, 'gold');
    CREATE TABLE prices (id integer, price integer);
    INSERT INTO prices VALUES (1, 100);
    GRANT SELECT ON prices TO low;
    CREATE TABLE tenants (tenant text, body text);
    ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
    CREATE POLICY own ON tenants USING (tenant = current_user);
    GRANT SELECT ON tenants TO low;
    INSERT INTO tenants VALUES ('app', 'of app'), ('low', 'of low');
    CREATE VIEW names AS SELECT id FROM secrets;
    SET ROLE low;
    CREATE VIEW spy AS SELECT secret FROM secrets;
    CREATE VIEW columns AS SELECT count(*) FROM secrets;
    CREATE VIEW rows AS SELECT body FROM tenants;
    CREATE VIEW cheap AS SELECT * FROM prices;
    CREATE MATERIALIZED VIEW copy AS SELECT secret FROM secrets WITH NO DATA;
    CREATE FUNCTION spying() RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER
      AS 'BEGIN RETURN QUERY SELECT secret FROM public.secrets; END';
    CREATE PROCEDURE giving() LANGUAGE plpgsql SECURITY DEFINER
      AS 'BEGIN EXECUTE ''GRANT SELECT ON public.secrets TO low''; END';
    CREATE TABLE mailbox (id integer);
    CREATE RULE deliver AS ON INSERT TO mailbox DO INSTEAD DELETE FROM secrets;
    CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
    CREATE TABLE measured (id integer);
    CREATE INDEX ON measured (twice(id));
    CREATE MATERIALIZED VIEW fresh AS SELECT twice(1) AS n;
    GRANT SELECT ON spy, columns, rows, cheap, copy TO PUBLIC;
    GRANT UPDATE ON cheap TO PUBLIC;
    GRANT INSERT ON mailbox TO PUBLIC;
    CREATE TABLE diary (note text);
    INSERT INTO diary VALUES ('mine');
    CREATE VIEW diary_notes AS SELECT note FROM diary;
    CREATE VIEW price_list AS SELECT price FROM prices;
    GRANT SELECT ON diary_notes, price_list TO PUBLIC;
    CREATE FUNCTION read_diary() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS 'SELECT note FROM public.diary';
    CREATE FUNCTION private() RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
    REVOKE ALL ON FUNCTION private() FROM PUBLIC;
    CREATE VIEW asking WITH (security_invoker = true) AS SELECT secret FROM secrets;
    GRANT SELECT ON asking TO PUBLIC;
    RESET ROLE;
    """

  static let staying = [
    "public.cheap", "public.columns", "public.copy", "public.fresh", "public.giving()", "public.mailbox",
    "public.measured", "public.read_diary()", "public.rows", "public.spy", "public.spying()",
  ]

  /// What `low` can do only when one of its objects acts as the new owner.
  static let attempts = [
    "SELECT * FROM spy", "SELECT * FROM columns", "SELECT * FROM spying()", "CALL giving()",
    "INSERT INTO mailbox VALUES (1)", "UPDATE cheap SET price = 0", "SELECT * FROM secrets",
    "SELECT * FROM asking",
  ]

  @Test("those of a low role stay with it, and it gains nothing", arguments: servers)
  func staying(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.trap)
      let plan = try SetupDocument(try await database.setup("plan", Self.options + ["--format", "json"]))
      #expect(plan.skipped.map(\.object).sorted() == Self.staying)
      #expect(plan.ownerRights.map(\.object).sorted() == Self.staying)
      #expect(Set(plan.ownerRights.map(\.oldOwner)) == ["low"])
      #expect(!plan.ownerRights.map(\.moved).contains(true))
      let spy = try #require(plan.ownerRights.first { $0.object == "public.spy" })
      #expect(spy.gains == ["SELECT on public.secrets"] && spy.gainers == ["PUBLIC"])
      let rows = try #require(plan.ownerRights.first { $0.object == "public.rows" })
      #expect(rows.gains == ["every row on public.tenants"])
      let cheap = try #require(plan.ownerRights.first { $0.object == "public.cheap" })
      #expect(cheap.gains == ["UPDATE on public.prices"])
      let code = try #require(plan.ownerRights.first { $0.object == "public.spying()" })
      #expect(
        code.gains == ["everything that \(database.ownerRole) may do"] && code.means == "security-definer")

      let before = try await database.dump()
      let apply = try await database.setup("apply", Self.options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      for attempt in Self.attempts {
        let refusal = await #expect(throws: SandboxServer.Refusal.self, "\(attempt)") {
          try await database.psql("SET ROLE low; \(attempt)")
        }
        #expect(
          refusal?.message.contains("permission denied") == true, "\(attempt): \(refusal?.message ?? "")")
      }
      try await database.psql("ANALYZE measured", as: server.administrator)
      let own = try await database.psql(
        """
        SET ROLE low;
        SELECT string_agg(body, ' ') FROM rows;
        SELECT * FROM read_diary();
        SELECT * FROM diary_notes;
        SELECT price FROM cheap;
        SELECT price FROM price_list;
        SELECT count(*) FROM diary;
        """)
      #expect(own == "of low\nmine\nmine\n100\n100\n1")
      // Whoever uses the database from now on can use what has stayed as well.
      try await database.psql(
        """
        SET ROLE iamuser; SET ROLE \(database.ownerRole);
        SELECT * FROM read_diary(), cheap, names;
        INSERT INTO measured VALUES (1);
        """)
      let second = try await database.setup("plan", Self.options + ["--detailed-exitcode"])
      #expect(second.status == 0, "\(second.output)")
      let verify = try await database.setup("verify", Self.options)
      #expect(verify.status == 0, "\(verify.output)")
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      let left = try await database.dump().differences(from: before)
      #expect(left == [])
    }
  }

  @Test("--include owner-rights moves them, and the plan says who gains what", arguments: servers)
  func included(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.trap)
      let options = Self.options + ["--include", "owner-rights"]
      let text = try await database.setup("plan", options).stdout
      let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(
        words.contains(
          "function public.spying(): SECURITY DEFINER: PUBLIC would run code of low as \(database.ownerRole)"),
        "\(text)")
      #expect(
        words.contains("with it PUBLIC would get SELECT on public.secrets, which low has not"), "\(text)")
      let plan = try SetupDocument(try await database.setup("plan", options + ["--format", "json"]))
      #expect(plan.skipped.isEmpty)
      #expect(plan.ownerRights.map(\.object).sorted() == Self.staying)
      #expect(!plan.ownerRights.map(\.moved).contains(false))
      let apply = try await database.setup("apply", options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      let gained = try await database.psql("SET ROLE low; SELECT * FROM spy; SELECT * FROM spying();")
      #expect(gained == "gold\ngold")
    }
  }

  /// An application whose one role owns everything, as most are.
  static let application = """
    CREATE ROLE app LOGIN PASSWORD 'not used';
    GRANT ALL ON SCHEMA public TO app;
    SET ROLE app;
    CREATE TABLE secrets (id integer, secret text);
    CREATE VIEW names AS SELECT id FROM secrets;
    GRANT SELECT, UPDATE ON names TO PUBLIC;
    CREATE FUNCTION twice(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
    CREATE INDEX ON secrets (twice(id));
    CREATE MATERIALIZED VIEW fresh AS SELECT twice(1) AS n;
    CREATE FUNCTION reading() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER AS 'SELECT secret FROM public.secrets';
    CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER touch BEFORE INSERT ON secrets FOR EACH ROW EXECUTE FUNCTION touch();
    CREATE RULE quiet AS ON DELETE TO secrets DO INSTEAD NOTHING;
    RESET ROLE;
    """

  @Test(
    "a database of one application moves whole, with or without --keep-access, in both modes",
    arguments: servers,
    ["owner-role", "direct"])
  func application(on server: ServerName, mode: String) async throws {
    for keep in [[], ["--keep-access", "app"]] {
      try await TestDatabase.run(on: server) { database in
        try await database.psql(Self.application)
        let options = ["--iam-user", "iamuser", "--mode", mode] + keep
        let plan = try SetupDocument(try await database.setup("plan", options + ["--format", "json"]))
        #expect(plan.skipped.isEmpty && plan.ownerRights.isEmpty && plan.foreignCode.isEmpty)
        try await database.expectRoundTrip(options)
      }
    }
  }

  @Test("what an earlier run moved is no reason to leave the rest: the journal tells whose it was")
  func again() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.psql(Self.application)
      let options = ["--iam-user", "iamuser"]
      let apply = try await database.setup("apply", options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      // As a run that was killed before its last batch leaves it.
      try await database.psql("ALTER FUNCTION reading() OWNER TO app")
      let elsewhere = try SetupDocument(
        try await database.setup("plan", options + ["--format", "json"], journal: "\(database.folder)/none"))
      #expect(elsewhere.skipped.map(\.object) == ["public.reading()"])
      let second = try await database.setup("apply", options + ["--yes"])
      #expect(second.status == 0, "\(second.output)")
      let others = try await database.objectsNotOwned(by: database.ownerRole)
      #expect(others == [])
    }
  }

  @Test(
    "an owner who could become everybody whose objects move gains nothing",
    arguments: [ServerName.pg15RDS, .pg18RDS])
  func member(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.trap + "GRANT app TO low;")
      let plan = try SetupDocument(
        try await database.setup("plan", ["--iam-user", "iamuser", "--format", "json"]))
      #expect(plan.skipped.isEmpty && plan.ownerRights.isEmpty)
    }
  }

  @Test("code of a low role that runs when a table of the application is used is named")
  func attachedCode() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.psql(
        Self.trap + """
          SET ROLE low;
          CREATE FUNCTION watch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
          RESET ROLE;
          GRANT TRIGGER ON prices TO low;
          SET ROLE low;
          CREATE TRIGGER watch BEFORE INSERT ON prices FOR EACH ROW EXECUTE FUNCTION watch();
          ALTER TABLE diary ADD COLUMN n integer DEFAULT twice(1), ADD CHECK (twice(n) > 0);
          RESET ROLE;
          """)
      let plan = try SetupDocument(try await database.setup("plan", Self.options + ["--format", "json"]))
      let code = plan.foreignCode.map { "\($0.routine) \($0.relation) \($0.attachments)" }
      #expect(
        code == ["public.twice public.diary constraint, default", "public.watch public.prices trigger"])
      #expect(
        plan.notes.contains { $0.hasPrefix("code of low runs as whoever uses what moves") }, "\(plan.notes)")
    }
  }

  @Test(
    "functions that stay go on writing to tables with serial and identity columns of their owner's",
    arguments: servers, ["owner-role", "direct"])
  func sequences(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(
        Self.trap
          + """
          SET ROLE low;
          CREATE TABLE letters (id serial PRIMARY KEY, body text);
          CREATE TABLE parcels (id integer GENERATED BY DEFAULT AS IDENTITY, body text);
          CREATE FUNCTION send() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS $$
            INSERT INTO public.letters (body) VALUES ('x'); INSERT INTO public.parcels (body) VALUES ('x');
            SELECT nextval('public.letters_id_seq') $$;
          RESET ROLE;
          """)
      let before = try await database.dump()
      let options = Self.options + ["--mode", mode]
      let apply = try await database.setup("apply", options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      #expect(
        try await database.psql("SELECT tableowner FROM pg_tables WHERE tablename = 'letters'") != "low")
      #expect(try await database.psql("SET ROLE app; SELECT send()") == "2")
      let second = try await database.setup("plan", options + ["--detailed-exitcode"])
      #expect(second.status == 0, "\(second.output)")
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      let left = try await database.dump().differences(from: before)
      #expect(left == [])
    }
  }
}
