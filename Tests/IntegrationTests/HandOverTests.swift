import Testing

/// What somebody has created after the move, and revert finds.
@Suite("Revert and what was created since")
struct HandOverTests {
  static let servers: [ServerName] = [.pg15RDS, .pg18RDS]
  static let app = """
    CREATE ROLE app_old LOGIN; CREATE ROLE passer_by LOGIN; GRANT USAGE, CREATE ON SCHEMA public TO app_old;
    CREATE SCHEMA private AUTHORIZATION app_old; GRANT USAGE ON SCHEMA private TO PUBLIC; SET ROLE app_old;
    CREATE TABLE t (id integer); CREATE TABLE private.secret (word text);
    """

  @Test(
    "of a role that existed before setup it goes to who owned most of the schema, and what that role had stays",
    arguments: servers, ["owner-role", "direct"])
  func heir(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      let owner = mode == "direct" ? "iamuser" : "team"
      try await database.psql(
        """
        CREATE ROLE \(owner) \(mode == "direct" ? "LOGIN" : ""); \(Self.app) CREATE TABLE u (id integer); RESET ROLE;
        GRANT CREATE ON SCHEMA public TO \(owner); CREATE SCHEMA own AUTHORIZATION \(owner);
        SET ROLE \(owner); CREATE TABLE had (id integer); CREATE TABLE own.had (id integer);
        """)
      let options = mode == "direct" ? ["--mode", mode, "--adopt-iam-user"] : ["--owner-role", owner]
      for _ in 1...2 {
        let apply = try await database.setup(
          "apply", ["--iam-user", "iamuser", "--keep-access", "app_old", "--yes"] + options)
        #expect(apply.status == 0, "\(apply.output)")
      }
      try await database.psql(
        "SET ROLE \(owner); CREATE TABLE fresh (id serial); CREATE TABLE own.fresh (id serial)")
      let revert = try await RevertHistoryTests.expectReverted(database)
      #expect(
        revert.stdout.contains("table public.fresh was created since: it goes to app_old"), "\(revert.stdout)"
      )
      let owners = try await database.psql(
        "SELECT string_agg(tablename || ' ' || tableowner, ',' ORDER BY schemaname, tablename) FROM pg_tables "
          + "WHERE schemaname IN ('public', 'own')")
      #expect(owners == "fresh \(owner),had \(owner),fresh app_old,had \(owner),t app_old,u app_old")
      try await database.psql("SET SESSION AUTHORIZATION app_old; INSERT INTO fresh DEFAULT VALUES")
    }
  }

  /// What the IAM user leaves behind, its name in notes, and what passers-by would run to read the secret.
  static let traps = [
    (
      "function public.trap()",
      """
      CREATE FUNCTION trap() RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER AS
      'BEGIN RETURN QUERY SELECT word FROM private.secret; END'
      """, "SELECT * FROM trap()"
    ),
    (
      "view public.trap",
      "CREATE VIEW trap AS SELECT word FROM private.secret; GRANT SELECT ON trap TO passer_by", "TABLE trap"
    ),
    (
      "table public.trap",
      """
      CREATE TABLE trap (word text); GRANT ALL ON trap TO passer_by;
      CREATE RULE copy AS ON INSERT TO trap DO INSTEAD SELECT word FROM private.secret
      """, "INSERT INTO trap VALUES ('')"
    ),
  ]

  @Test(
    "what would act with a former owner's privileges is named, not handed over", arguments: servers, traps)
  func trap(on server: ServerName, trap: (name: String, statements: String, use: String)) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql("\(Self.app) INSERT INTO private.secret VALUES ('s3cret')")
      let apply = try await database.setup("apply", ["--iam-user", "iamuser", "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await database.psql("SET ROLE \(database.ownerRole); \(trap.statements)")
      let revert = try await RevertHistoryTests.expectReverted(database)
      let text = revert.stdout.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(text.contains("\(trap.name) was created since, and "), "\(revert.stdout)")
      #expect(text.contains("OWNER TO \"app_old\""), "\(revert.stdout)")
      await #expect(throws: (any Error).self, "\(revert.stdout)") {
        let read = try await database.psql("SET SESSION AUTHORIZATION passer_by; \(trap.use)")
        Issue.record("read \(read)")
      }
    }
  }

  @Test(
    "the same is true of what has been rewritten since; what has not goes back", arguments: servers, traps)
  func rewritten(on server: ServerName, trap: (name: String, statements: String, use: String)) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(
        """
        \(Self.app) INSERT INTO private.secret VALUES ('s3cret');
        CREATE FUNCTION trap() RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN NEXT 1; END';
        CREATE FUNCTION sound() RETURNS SETOF text LANGUAGE plpgsql SECURITY DEFINER AS 'BEGIN RETURN NEXT 1; END';
        CREATE \(trap.name.hasPrefix("view") ? "VIEW trap AS SELECT ''::text AS word" : "TABLE trap (word text)");
        CREATE VIEW sound AS SELECT word FROM private.secret;
        GRANT ALL ON trap TO passer_by;
        """)
      let apply = try await database.setup(
        "apply", ["--iam-user", "iamuser", "--include", "owner-rights", "--keep-access", "app_old", "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await database.psql(
        """
        SET ROLE \(database.ownerRole);
        \(trap.statements.replacing("CREATE FUNCTION", with: "CREATE OR REPLACE FUNCTION")
          .replacing("CREATE VIEW", with: "CREATE OR REPLACE VIEW").replacing("CREATE TABLE trap (word text);", with: ""));
        GRANT EXECUTE ON FUNCTION sound TO passer_by; GRANT SELECT ON sound TO passer_by;
        """)
      let revert = try await RevertHistoryTests.expectReverted(database)
      let text = revert.stdout.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(text.contains("\(trap.name) was rewritten since, and "), "\(revert.stdout)")
      await #expect(throws: (any Error).self, "\(revert.stdout)") {
        let read = try await database.psql("SET SESSION AUTHORIZATION passer_by; \(trap.use)")
        Issue.record("read \(read)")
      }
      let others = try await database.psql(
        """
        SELECT string_agg(DISTINCT relowner::regrole::text, ' ') FROM pg_class WHERE relname IN ('sound', 't');
        SELECT proowner::regrole FROM pg_proc WHERE proname = 'sound'
        """)
      #expect(others == "app_old\napp_old")
    }
  }
}
