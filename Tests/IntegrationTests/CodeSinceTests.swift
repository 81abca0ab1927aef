import Testing

/// Code that somebody has put on what was moved runs as the old owner as soon as the old application uses it again.
@Suite("Revert and code that was put on what was moved")
struct CodeSinceTests {
  static let servers: [ServerName] = [.pg15RDS, .pg18RDS]
  /// `app_old` has more than what goes back: `private` stays where it is.
  static let app = """
    CREATE ROLE app_old LOGIN; CREATE ROLE low LOGIN; GRANT USAGE, CREATE ON SCHEMA public TO app_old, low;
    CREATE SCHEMA private AUTHORIZATION app_old;
    SET ROLE low; CREATE FUNCTION lows(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1';
    SET ROLE app_old;
    CREATE TABLE private.secret (word text); CREATE TABLE u (id integer);
    CREATE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE FUNCTION own(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1';
    CREATE TABLE t (id integer DEFAULT lows(1), CHECK (lows(id) > 0), CHECK (own(id) > 0));
    CREATE TRIGGER tidy BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION tidy();
    RESET ROLE;
    """

  private static let spy = """
    CREATE FUNCTION spy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM word FROM private.secret; RETURN NEW; END';
    CREATE FUNCTION peek(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1';
    """

  static let code = [
    ("CREATE TRIGGER spy BEFORE INSERT ON u FOR EACH ROW EXECUTE FUNCTION spy()", "spy()"),
    ("ALTER TABLE u ALTER id SET DEFAULT peek(1)", "peek(integer)"),
    ("ALTER TABLE u ADD CHECK (peek(id) > 0)", "peek(integer)"),
    ("ALTER TABLE u ADD CHECK (lows(id) > 0)", "lows(integer)"),
    ("ALTER TABLE u ADD g integer GENERATED ALWAYS AS (peek(id)) STORED", "peek(integer)"),
    ("CREATE RULE spy AS ON INSERT TO u DO ALSO SELECT peek(1)", "peek(integer)"),
    ("CREATE POLICY spy ON u USING (peek(id) > 0); ALTER TABLE u FORCE ROW LEVEL SECURITY", "peek(integer)"),
    ("CREATE INDEX ON u (peek(id))", "peek(integer)"),
    (
      "CREATE DOMAIN d AS integer CHECK (peek(VALUE) > 0); ALTER TABLE u ADD x d", "peek(integer)"
    ),
    (
      "CREATE TABLE child () INHERITS (u); CREATE TRIGGER spy BEFORE UPDATE ON child FOR EACH ROW EXECUTE FUNCTION spy()",
      "spy()"
    ),
    (
      "CREATE OPERATOR === (FUNCTION = same, LEFTARG = integer, RIGHTARG = integer); ALTER TABLE u ADD CHECK (id === 1)",
      "same(integer, integer)"
    ),
  ]

  @Test("a table that calls it is named, not given back", arguments: servers, code)
  func since(on server: ServerName, code: (statements: String, function: String)) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.app)
      let apply = try await database.setup("apply", ["--iam-user", "iamuser", "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await database.psql(
        """
        SET ROLE \(database.ownerRole); \(Self.spy)
        CREATE FUNCTION same(integer, integer) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 = $2';
        \(code.statements)
        """)
      let revert = try await RevertHistoryTests.expectReverted(database)
      let text = revert.stdout.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(
        text.contains("table public.u calls public.\(code.function), which it did not before"),
        "\(revert.stdout)")
      #expect(text.contains("ALTER TABLE \"public\".\"u\" OWNER TO \"app_old\""), "\(revert.stdout)")
      #expect(try await Self.owners(database, "'t', 'u'") == "t app_old,u \(database.ownerRole)")
    }
  }

  @Test("so is one whose own code has been rewritten, and the code", arguments: servers)
  func rewritten(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.app)
      let apply = try await database.setup("apply", ["--iam-user", "iamuser", "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await database.psql(
        """
        SET ROLE \(database.ownerRole); CREATE OR REPLACE FUNCTION tidy() RETURNS trigger LANGUAGE plpgsql AS
          'BEGIN PERFORM word FROM private.secret; RETURN NEW; END'
        """)
      let revert = try await RevertHistoryTests.expectReverted(database)
      let text = revert.stdout.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(text.contains("function public.tidy() was rewritten since, and "), "\(revert.stdout)")
      #expect(try await Self.owners(database, "'t', 'u'") == "t \(database.ownerRole),u app_old")
    }
  }

  @Test(
    "so is one that calls a low role's, as it did, and has got a foreign key that makes it run as the owner",
    arguments: servers)
  func foreignKey(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.app)
      let apply = try await database.setup("apply", ["--iam-user", "iamuser", "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await database.psql(
        """
        SET ROLE \(database.ownerRole); CREATE TABLE parent (id integer PRIMARY KEY);
        ALTER TABLE t ADD FOREIGN KEY (id) REFERENCES parent ON DELETE SET DEFAULT;
        ALTER TABLE u ADD FOREIGN KEY (id) REFERENCES parent ON DELETE CASCADE
        """)
      let revert = try await RevertHistoryTests.expectReverted(database)
      let text = revert.stdout.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(
        text.contains("table public.t has got a foreign key whose actions call public.lows(integer)"),
        "\(revert.stdout)")
      #expect(try await Self.owners(database, "'t', 'u'") == "t \(database.ownerRole),u app_old")
    }
  }

  @Test("code that was there, and what calls nobody's, is no obstacle", arguments: servers)
  func before(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(
        """
        \(Self.app) CREATE FUNCTION theirs() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';
        """)
      let apply = try await database.setup("apply", ["--iam-user", "iamuser", "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await database.psql(
        """
        SET ROLE \(database.ownerRole);
        ALTER TABLE t ADD n integer DEFAULT 7 CHECK (n > 0), ADD CHECK (own(id) < 9), ADD at timestamptz DEFAULT now();
        ALTER TABLE t ADD g integer GENERATED ALWAYS AS (n * 2) STORED;
        ALTER TABLE u ADD id2 serial, ALTER id SET DEFAULT theirs();
        """)
      let revert = try await RevertHistoryTests.expectReverted(database)
      #expect(!revert.stdout.contains("did not before"), "\(revert.stdout)")
      #expect(!revert.stdout.contains("rewritten"), "\(revert.stdout)")
      #expect(try await Self.owners(database, "'t', 'u'") == "t app_old,u app_old")
      try await database.psql(
        "SET SESSION AUTHORIZATION app_old; INSERT INTO t (n) VALUES (5); INSERT INTO u DEFAULT VALUES")
    }
  }

  @Test(
    "an application that has nothing else goes on with what it has changed in the meantime",
    arguments: servers,
    ["owner-role", "direct"])
  func nothingElse(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(TestDatabase.application)
      let apply = try await database.setup("apply", ["--iam-user", "iamuser", "--mode", mode, "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await database.psql(
        """
        SET ROLE \(mode == "direct" ? "iamuser" : database.ownerRole); \(Self.spy.replacing("PERFORM word FROM private.secret;", with: ""))
        CREATE TRIGGER spy BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION spy();
        ALTER TABLE orders ADD CHECK (peek(id) > 0);
        """)
      let revert = try await RevertHistoryTests.expectReverted(database)
      #expect(!revert.stdout.contains("did not before"), "\(revert.stdout)")
      #expect(try await Self.owners(database, "'items', 'orders'") == "items app,orders app")
      try await database.psql("INSERT INTO items VALUES (1); INSERT INTO orders VALUES (1)", as: .role("app"))
    }
  }

  private static func owners(_ database: TestDatabase, _ tables: String) async throws -> String {
    try await database.psql(
      "SELECT string_agg(relname || ' ' || relowner::regrole, ',' ORDER BY relname) FROM pg_class WHERE relname IN (\(tables))"
    )
  }
}
