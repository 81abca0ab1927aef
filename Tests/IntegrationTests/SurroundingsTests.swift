import Postgres
import Testing

@Suite("Servers and logins that somebody has set up in a special way")
struct SurroundingsTests {
  static let options = ["--iam-user", "iamuser", "--keep-access", "app_old"]

  @Test(
    "settings of the master's login do not get in the way",
    arguments: MoveTests.moves.filter { $0.0.isLikeRDS })
  func settings(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      var settings = [
        "statement_timeout = '100ms'", "lock_timeout = '1ms'", "idle_in_transaction_session_timeout = '1ms'",
        "default_transaction_isolation = 'serializable'",
        "standard_conforming_strings = off", "quote_all_identifiers = on", "datestyle = 'SQL, DMY'",
        "bytea_output = 'escape'", "client_encoding = 'LATIN1'", "extra_float_digits = 0",
        "search_path = trap, pg_catalog", "row_security = off", "check_function_bodies = off",
      ]
      if server != .pg15RDS { settings.append("createrole_self_grant = 'set, inherit'") }
      if server == .pg18RDS { settings.append("transaction_timeout = '100ms'") }
      try await database.psql(
        """
        CREATE SCHEMA trap;
        GRANT USAGE ON SCHEMA trap TO PUBLIC;
        CREATE FUNCTION trap.trapped() RETURNS void LANGUAGE plpgsql AS $$BEGIN RAISE 'walked into the trap'; END$$;
        CREATE FUNCTION trap.format(text, name) RETURNS text LANGUAGE sql AS 'SELECT trap.trapped()::text';
        CREATE FUNCTION trap.pg_get_userbyid(oid) RETURNS name LANGUAGE sql AS $$SELECT 'nobody'::name$$;
        CREATE FUNCTION trap.current_setting(text) RETURNS text LANGUAGE sql AS 'SELECT trap.trapped()::text';
        CREATE VIEW trap.pg_roles AS SELECT 1 AS oid, 'nobody' AS rolname;
        CREATE VIEW trap.pg_class AS SELECT 1 AS oid, 'nothing' AS relname;
        CREATE VIEW trap.pg_auth_members AS SELECT 1 AS roleid, 2 AS member WHERE false;
        CREATE FUNCTION trap.no(name, name) RETURNS boolean LANGUAGE sql AS 'SELECT false';
        CREATE OPERATOR trap.= (LEFTARG = name, RIGHTARG = name, FUNCTION = trap.no);
        """
          + settings.map { "ALTER ROLE postgres IN DATABASE \(database.name) SET \($0);\n" }.joined())
      try await database.expectRoundTrip(Self.options + ["--mode", mode])
    }
  }

  @Test(
    "memberships that the master has in old owners stay as they are, options and grantors",
    arguments: [
      (ServerName.pg16RDS, "owner-role"), (.pg16RDS, "direct"), (.pg18RDS, "owner-role"),
      (.pg18RDS, "direct"),
    ])
  func memberships(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      try await database.psql(
        """
        GRANT app_old TO postgres WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;
        GRANT "Legacy ""Owner"".2" TO postgres WITH INHERIT TRUE, SET FALSE;
        GRANT reporting TO readonly WITH INHERIT FALSE;
        GRANT readonly TO postgres WITH INHERIT FALSE, SET TRUE;
        """)
      try await database.psql("GRANT app_old TO postgres WITH INHERIT FALSE, SET TRUE", as: .master)
      try await database.expectRoundTrip(Self.options + ["--mode", mode])
    }
  }

  @Test(
    "nobody but those named may connect to the database",
    arguments: [ServerName.pg15RDS, .pg18RDS, .pg16Stock])
  func connectRevoked(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      try await database.psql("REVOKE ALL ON DATABASE \(database.name) FROM PUBLIC", as: .master)
      try await database.expectRoundTrip(Self.options)
      try await database.expectRoundTrip(Self.options + ["--mode", "direct"])
    }
  }

  @Test(
    "an IAM user that exists with memberships and settings of its own",
    arguments: [ServerName.pg15RDS, .pg18RDS, .pg15Stock])
  func existingUser(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      try await database.psql(
        """
        CREATE ROLE iamuser LOGIN;
        CREATE ROLE application NOLOGIN;
        GRANT rds_iam, readonly TO iamuser;
        GRANT application TO iamuser WITH ADMIN OPTION;
        ALTER ROLE iamuser SET search_path = app, public;
        ALTER ROLE iamuser IN DATABASE \(database.name) SET role = 'readonly';
        ALTER ROLE iamuser IN DATABASE \(database.name) SET work_mem = '8MB';
        """)
      try await database.expectRoundTrip(Self.options + ["--owner-role", "application"])
    }
  }

  @Test("a schema of the superuser: with CREATE for everybody it works, without it says what to grant")
  func schemaOfSuperuser() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fillWithAwkwardObjects()
      // As databases have it that began before PostgreSQL 15.
      try await database.psql(
        "ALTER SCHEMA public OWNER TO rdsadmin; GRANT USAGE, CREATE ON SCHEMA public TO PUBLIC")
      try await database.expectRoundTrip(Self.options)
      try await database.psql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
      try await database.expectRefusal(
        1, "GRANT USAGE, CREATE ON SCHEMA \"public\" TO \"\(database.ownerRole)\"",
        "rdsadmin, who owns the schema",
        of: Self.options, journal: "\(database.folder)/another.journal")
    }
  }

  @Test("a lock table that somebody else has nearly filled", arguments: [ServerName.pg15RDS, .pg18RDS])
  func nearlyFullLockTable(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      let crowd = database.another("crowd")
      try await crowd.create()
      try await crowd.fill(tables: 3000)
      try await database.fill(tables: 1000)
      let before = try await database.fingerprint()
      let session = try await crowd.server.connect(.superuser, database: crowd.name)
      // Each takes two locks, on the table and on its index.
      try await session.execute(
        """
        BEGIN;
        DO $$ BEGIN FOR i IN 1..2900 LOOP EXECUTE format('SELECT 1 FROM t%s', i); END LOOP; END $$
        """)
      let apply = try await database.setup("apply", ["--iam-user", "iamuser", "--yes"])
      #expect(apply.status == 0, "\(apply.output.suffix(2000))")
      let others = try await database.objectsNotOwned(by: database.ownerRole)
      #expect(others == [])
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output.suffix(2000))")
      let after = try await database.fingerprint()
      #expect(after.difference(from: before).isEmpty)
      try await session.execute("COMMIT")
    }
  }
}
