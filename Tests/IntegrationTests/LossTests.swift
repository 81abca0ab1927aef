import Testing

@Suite("Who loses what")
struct LossTests {
  static let options = ["--iam-user", "iamuser"]

  /// `app` owns a schema's objects and some elsewhere; `team` is a role that people act as.
  static let application = """
    CREATE ROLE app LOGIN PASSWORD 'app';
    CREATE ROLE team NOLOGIN;
    CREATE ROLE ann LOGIN PASSWORD 'ann';
    GRANT team TO ann;
    CREATE SCHEMA other;
    GRANT ALL ON SCHEMA public, other TO app, team;
    SET ROLE app;
    CREATE TABLE customers (id integer, name text);
    INSERT INTO customers VALUES (1, 'Ada');
    CREATE MATERIALIZED VIEW counts AS SELECT count(*) FROM customers;
    CREATE TABLE tenants (tenant text);
    ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
    INSERT INTO tenants VALUES ('x');
    CREATE TABLE other.audit (what text);
    CREATE VIEW other.report AS SELECT name FROM customers;
    CREATE FUNCTION other.reading() RETURNS SETOF text LANGUAGE sql SECURITY DEFINER
      AS 'SELECT name FROM public.customers';
    CREATE VIEW audited AS SELECT what FROM other.audit;
    CREATE VIEW asking AS SELECT what FROM other.audit;
    CREATE FUNCTION audit_it() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'INSERT INTO other.audit VALUES (1)';
    CREATE TABLE events (at date) PARTITION BY RANGE (at);
    CREATE TABLE other.events_2026 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
    RESET ROLE;
    SET ROLE team; CREATE TABLE plans (id integer); RESET ROLE;
    """

  @Test(
    "what is outside, inside and beside a move is in the plan, and comes true",
    arguments: [ServerName.pg15RDS, .pg18RDS])
  func surroundings(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(
        Self.application + "ALTER VIEW asking SET (security_invoker = true); GRANT team TO app;")
      let owner = database.ownerRole
      let losses = try await database.losses(Self.options)
      let words = losses.map { "\($0.kind): \($0.message)" }
      for expected in [
        "ownership: app can log in and will lose what it may do as an owner",
        "team: ann can log in and, as a member of team, loses what it may do as an owner",
        "outside: view public.audited uses other.audit of app, where \(owner) may not SELECT",
        "outside: other.report of app does not move and uses public.customers, which app may no longer read",
        "code: SECURITY DEFINER functions of app that do not move (other.reading) lose what app may do as an owner",
        "children: public.events moves and other.events_2026, its child in another schema, does not: \(owner) can neither "
          + "alter nor index the family as one",
      ] { #expect(words.contains(expected), "\(expected) in \(words)") }
      #expect(!words.contains { $0.contains("public.asking") })
      let holdings = try #require(losses.first { $0.message.hasPrefix("app may use other.audit") })
      #expect(holdings.objects == ["other.audit", "other.events_2026", "other.report"])

      let apply = try await database.setup("apply", Self.options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await database.expectRefused("SET ROLE app; SELECT * FROM customers")
      try await database.expectRefused("SET ROLE ann; SELECT * FROM plans")
      try await database.expectRefused("SET ROLE app; SELECT * FROM other.report")
      try await database.expectRefused("SET ROLE app; SELECT * FROM other.reading()")
      try await database.expectRefused("SET ROLE \(owner); SELECT * FROM audited")
      try await database.expectRefused("SET ROLE \(owner); CREATE INDEX ON events (at)")
      // All that is mended by what the plan says.
      try await database.psql("GRANT app TO \(owner)")
      try await database.psql("SET ROLE \(owner); SELECT * FROM audited; CREATE INDEX ON events (at)")
    }
  }

  @Test("in direct mode roles that keep access are no owners", arguments: [ServerName.pg15RDS, .pg18RDS])
  func direct(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.application)
      let options = Self.options + ["--mode", "direct", "--keep-access", "app"]
      let losses = try await database.losses(options)
      let kinds = losses.filter { $0.role == "app" }.map(\.kind)
      #expect(kinds.contains("index") && kinds.contains("row-security"), "\(losses)")
      #expect(kinds.contains("refresh") == (server == .pg15RDS))
      let apply = try await database.setup("apply", options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await database.expectRefused("SET ROLE app; CREATE INDEX ON customers (id)")
      try await database.expectRefused("SET ROLE app; ALTER TABLE customers ADD COLUMN x integer")
      let rows = try await database.psql("SET ROLE app; SELECT count(*) FROM tenants")
      #expect(rows == "0")
      if server == .pg15RDS {
        try await database.expectRefused("SET ROLE app; REFRESH MATERIALIZED VIEW counts")
      } else {
        try await database.psql("SET ROLE app; REFRESH MATERIALIZED VIEW counts")
      }
    }
  }

  @Test(
    "a NOINHERIT role that keeps access has to SET ROLE, and lets the new owner use what it creates later")
  func kept() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.psql(Self.application + "ALTER ROLE app NOINHERIT;")
      let options = Self.options + ["--keep-access", "app"]
      let losses = try await database.losses(options)
      #expect(losses.contains { $0.kind == "inheritance" && $0.role == "app" }, "\(losses)")
      let apply = try await database.setup("apply", options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await database.expectRefused("SET SESSION AUTHORIZATION app; SELECT * FROM customers")
      try await database.psql(
        "SET SESSION AUTHORIZATION app; SET ROLE \(database.ownerRole); SELECT * FROM customers")
      try await database.psql("SET ROLE app; CREATE TABLE later (id integer)")
      try await database.psql("SET ROLE \(database.ownerRole); SELECT * FROM later")
    }
  }

  @Test("user mappings, publications, subscriptions and tablespaces that the new owner has not")
  func beside() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.psql(
        Self.application
          + """
          CREATE FOREIGN DATA WRAPPER nowhere;
          CREATE SERVER far FOREIGN DATA WRAPPER nowhere;
          GRANT USAGE ON FOREIGN SERVER far TO app;
          CREATE USER MAPPING FOR app SERVER far;
          SET ROLE app; CREATE FOREIGN TABLE distant (id integer) SERVER far; RESET ROLE;
          CREATE PUBLICATION news FOR TABLE customers;
          GRANT CREATE ON DATABASE \(database.name) TO app;
          ALTER PUBLICATION news OWNER TO app;
          CREATE ROLE copier LOGIN;
          GRANT pg_create_subscription TO copier;
          GRANT CREATE ON DATABASE \(database.name) TO copier;
          CREATE SUBSCRIPTION arrivals CONNECTION 'host=127.0.0.1 port=1 password=x' PUBLICATION p
            WITH (connect = false, slot_name = NONE);
          ALTER SUBSCRIPTION arrivals OWNER TO copier;
          INSERT INTO pg_subscription_rel SELECT s.oid, 'customers'::regclass, 'r' FROM pg_subscription s
            WHERE subname = 'arrivals';
          SET allow_in_place_tablespaces = on;
          CREATE TABLESPACE fast_\(database.name) LOCATION '';
          GRANT CREATE ON TABLESPACE fast_\(database.name) TO app;
          ALTER TABLE customers SET TABLESPACE fast_\(database.name);
          """.replacing(
            "INSERT INTO pg_subscription_rel",
            with: "SET allow_system_table_mods = on; INSERT INTO pg_subscription_rel"))
      let words = try await database.losses(Self.options).map { "\($0.kind): \($0.message)" }
      let owner = database.ownerRole
      for expected in [
        "mapping: foreign tables move, or views that use them, whose server far has user mappings for app and none for "
          + "\(owner): \(owner) cannot read them, nor can anybody through a view of \(owner)",
        "subscription: subscription arrivals of copier writes to tables that move, and would be refused",
        "tablespace: tables or indexes that move are in tablespace fast_\(database.name), where \(owner) may not create new "
          + "ones",
      ] { #expect(words.contains(expected), "\(expected) in \(words)") }
      #expect(
        words.contains { $0.hasPrefix("publication: publication news publishes tables that move") },
        "\(words)")
      let apply = try await database.setup("apply", Self.options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await database.expectRefused(
        "SET ROLE \(owner); CREATE INDEX ON customers (id) TABLESPACE fast_\(database.name)")
      try await database.expectRefused("SET ROLE app; ALTER PUBLICATION news ADD TABLE tenants")
      try await database.psql("DROP SUBSCRIPTION arrivals; ALTER TABLE customers SET TABLESPACE pg_default")
      try await database.psql("DROP TABLESPACE fast_\(database.name)")
    }
  }

  @Test("TRUNCATE … RESTART IDENTITY of a role that keeps access", arguments: [ServerName.pg15RDS, .pg18RDS])
  func restartIdentity(on server: ServerName) async throws {
    for mode in ["direct", "owner-role"] {
      try await TestDatabase.run(on: server) { database in
        try await database.psql(
          Self.application
            + "SET ROLE app; CREATE TABLE tickets (id serial, n integer GENERATED ALWAYS AS IDENTITY)")
        let options = Self.options + ["--mode", mode, "--keep-access", "app"]
        let losses = try await database.losses(options)
        #expect(
          losses.contains { $0.message.contains("RESTART IDENTITY") } == (mode == "direct"), "\(losses)")
        let apply = try await database.setup("apply", options + ["--yes"])
        #expect(apply.status == 0, "\(apply.output)")
        try await database.psql("SET ROLE app; INSERT INTO tickets DEFAULT VALUES; TRUNCATE tickets")
        if mode == "direct" {
          try await database.expectRefused("SET ROLE app; TRUNCATE tickets RESTART IDENTITY")
        } else {
          try await database.psql("SET ROLE app; TRUNCATE tickets RESTART IDENTITY")
        }
      }
    }
  }
}
