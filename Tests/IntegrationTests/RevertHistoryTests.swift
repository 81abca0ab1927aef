import Postgres
import Testing

/// What happens to a database between apply and revert, and what revert makes of it.
@Suite("Revert after any history")
struct RevertHistoryTests {
  static let options = ["--iam-user", "iamuser"]
  static let servers: [ServerName] = [.pg15RDS, .pg16RDS, .pg18RDS]
  /// On servers with the fewest things in common.
  static let extremes: [(ServerName, String)] = [
    (.pg15RDS, "owner-role"), (.pg15RDS, "direct"), (.pg18RDS, "owner-role"), (.pg18RDS, "direct"),
  ]

  /// Two owners, grants to and by others, and what follows tables.
  static let shop = """
    CREATE ROLE app_old LOGIN PASSWORD 'app-old-password';
    CREATE ROLE readonly NOLOGIN;
    CREATE ROLE reporting NOLOGIN;
    GRANT USAGE, CREATE ON SCHEMA public TO app_old;
    GRANT USAGE ON SCHEMA public TO readonly, reporting;
    SET ROLE app_old;
    CREATE TABLE customers (id serial PRIMARY KEY, name text);
    CREATE TABLE orders (id bigint GENERATED ALWAYS AS IDENTITY, customer integer, amount numeric);
    CREATE VIEW totals AS SELECT customer, sum(amount) FROM orders GROUP BY customer;
    CREATE FUNCTION double(integer) RETURNS integer LANGUAGE sql AS 'SELECT $1 * 2';
    GRANT SELECT ON customers, totals TO readonly;
    GRANT SELECT, INSERT ON orders TO reporting WITH GRANT OPTION;
    GRANT UPDATE (amount), SELECT (amount) ON orders TO reporting WITH GRANT OPTION;
    GRANT USAGE ON SEQUENCE customers_id_seq TO readonly;
    SET ROLE reporting;
    GRANT SELECT ON orders TO readonly;
    GRANT UPDATE (amount) ON orders TO readonly WITH GRANT OPTION;
    RESET ROLE;
    """

  private static let dropReadonly = """
    SET ROLE reporting; REVOKE ALL ON orders FROM readonly; REVOKE ALL (amount) ON orders FROM readonly; RESET ROLE;
    DROP OWNED BY readonly; DROP ROLE readonly
    """

  private static func apply(_ database: TestDatabase, _ more: [String] = []) async throws {
    let apply = try await database.setup("apply", options + more + ["--yes"])
    #expect(apply.status == 0, "\(apply.output)")
  }

  /// Expects revert to succeed, and a second one to have nothing to do.
  static func expectReverted(
    _ database: TestDatabase, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> ChildProcess.Result {
    let revert = try await database.setup("revert", ["--yes"])
    #expect(revert.status == 0, "\(revert.output)", sourceLocation: sourceLocation)
    let again = try await database.setup("revert", ["--yes"])
    #expect(again.status == 0, "\(again.output)", sourceLocation: sourceLocation)
    #expect(again.stdout.contains("Nothing to undo"), "\(again.stdout)", sourceLocation: sourceLocation)
    return revert
  }

  @Test(
    "somebody has revoked rds_iam and the owner role's membership by hand", arguments: servers,
    ["owner-role", "direct"])
  func revokedByHand(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.shop)
      let before = try await database.dump()
      try await Self.apply(database, ["--mode", mode])
      try await database.psql("REVOKE rds_iam FROM iamuser")
      if mode != "direct" { try await database.psql("REVOKE \(database.ownerRole) FROM iamuser") }
      _ = try await Self.expectReverted(database)
      let left = try await database.dump().differences(from: before)
      #expect(left == [])
    }
  }

  @Test(
    "nothing is left to give back but schema public, to a login that the server has only just let in",
    arguments: servers, ["owner-role", "direct"])
  func schemaAlone(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      let before = try await database.dump()
      try await Self.apply(database, mode == "direct" ? ["--mode", mode] : ["--keep-access", "postgres"])
      try await database.psql("REVOKE rds_iam FROM iamuser")
      _ = try await Self.expectReverted(database)
      let left = try await database.dump().differences(from: before)
      #expect(left == [])
    }
  }

  @Test(
    "a former owner has become a superuser: its objects are left and named, all others go back",
    arguments: extremes)
  func outOfReach(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(
        Self.shop + """
          CREATE ROLE climber; GRANT CREATE, USAGE ON SCHEMA public TO climber; SET ROLE climber;
          CREATE TABLE notes (id serial); RESET ROLE;
          """)
      try await Self.apply(database, ["--mode", mode])
      try await database.psql("ALTER ROLE climber SUPERUSER")
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 1, "\(revert.output)")
      #expect(revert.stdout.contains("table public.notes: "), "\(revert.stdout)")
      #expect(revert.stdout.contains("first change what the reasons above say"), "\(revert.stdout)")
      let owners = try await database.psql(
        "SELECT string_agg(DISTINCT tableowner, ' ') FROM pg_tables WHERE tablename IN ('orders', 'customers')"
      )
      #expect(owners == "app_old")
      try await database.psql("ALTER ROLE climber NOSUPERUSER")
      _ = try await Self.expectReverted(database)
    }
  }

  @Test(
    "the database belongs to its application, so that pg_database_owner is reached through that",
    arguments: servers, ["owner-role", "direct"])
  func databaseOfTheApplication(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.shop + "ALTER DATABASE \(database.name) OWNER TO app_old")
      let before = try await database.dump()
      try await Self.apply(database, ["--mode", mode, "--keep-access", "app_old"])
      try await database.psql("REVOKE rds_iam FROM iamuser")
      _ = try await Self.expectReverted(database)
      let left = try await database.dump().differences(from: before)
      #expect(left == [])
    }
  }

  @Test("a grantee has been dropped since: its privileges stay gone, all else is back", arguments: extremes)
  func granteeDropped(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.shop)
      try await Self.apply(database, ["--mode", mode, "--keep-access", "app_old"])
      try await database.psql(Self.dropReadonly)
      let revert = try await Self.expectReverted(database)
      #expect(revert.stdout.contains("role readonly no longer exists"), "\(revert.stdout)")
      let owners = try await database.psql(
        "SELECT string_agg(DISTINCT tableowner, ' ') FROM pg_tables WHERE schemaname = 'public'")
      #expect(owners == "app_old")
      let access = try await database.psql("SELECT relacl FROM pg_class WHERE relname = 'orders'")
      #expect(access.contains("reporting=a*r*/app_old") && !access.contains("iamuser"), "\(access)")
    }
  }

  @Test(
    "grantees, former owners and setup's own roles have been renamed since", arguments: extremes)
  func renamed(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      let names = [("app_old", "app_ancient"), ("readonly", "Read \"Only\""), ("reporting", "bi")]
      func rename(back: Bool) async throws {
        for (old, new) in names {
          let quoted =
            "\"" + new.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
            + "\""
          try await database.psql(
            back ? "ALTER ROLE \(quoted) RENAME TO \(old)" : "ALTER ROLE \(old) RENAME TO \(quoted)")
        }
      }
      try await database.psql(Self.shop + "ALTER ROLE app_old PASSWORD NULL")
      let before = try await database.dump()
      try await Self.apply(database, ["--mode", mode, "--keep-access", "app_old"])
      try await rename(back: false)
      try await database.psql("ALTER ROLE iamuser RENAME TO iam_user_2")
      if mode != "direct" {
        try await database.psql("ALTER ROLE \(database.ownerRole) RENAME TO owners")
      }
      _ = try await Self.expectReverted(database)
      try await rename(back: true)
      let left = try await database.dump().differences(from: before)
      #expect(left == [])
    }
  }

  @Test("another role of a dropped grantee's name gets nothing", arguments: extremes)
  func anotherOfThatName(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.shop + "CREATE ROLE successor; GRANT SELECT ON customers TO successor;")
      try await Self.apply(database, ["--mode", mode, "--keep-access", "app_old"])
      try await database.psql(Self.dropReadonly + "; CREATE ROLE readonly LOGIN")
      _ = try await Self.expectReverted(database)
      let has = try await database.psql(
        "SELECT has_table_privilege('readonly', 'customers', 'SELECT') OR has_any_column_privilege('readonly', 'orders', 'UPDATE')"
      )
      #expect(has == "f")
    }
  }

  @Test(
    "a former owner has been dropped: its objects go to who owned most of the schema", arguments: extremes)
  func formerOwnerDropped(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(
        Self.shop + """
          CREATE ROLE leaver; GRANT CREATE, USAGE ON SCHEMA public TO leaver; SET ROLE leaver;
          CREATE TABLE notes (id serial); GRANT SELECT ON notes TO readonly; RESET ROLE;
          REVOKE ALL ON SCHEMA public FROM leaver;
          """)
      try await Self.apply(database, ["--mode", mode])
      try await database.psql("DROP ROLE leaver")
      let revert = try await Self.expectReverted(database)
      let note = "table public.notes belonged to a role that no longer exists: it goes to app_old"
      #expect(revert.stdout.contains(note), "\(revert.stdout)")
      let access = try await database.psql(
        "SELECT relowner::regrole, relacl FROM pg_class WHERE relname = 'notes'")
      #expect(
        access
          == "app_old|{app_old=\(server == .pg18RDS ? "arwdDxtm" : "arwdDxt")/app_old,readonly=r/app_old}")
    }
  }

  @Test("the database has been renamed", arguments: extremes)
  func databaseRenamed(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.shop)
      let before = try await database.dump()
      try await Self.apply(database, ["--mode", mode])
      let renamed = database.another("renamed")
      try await database.server.psql("ALTER DATABASE \(database.name) RENAME TO \(renamed.name)")
      _ = try await Self.expectReverted(renamed)
      try await database.server.psql("ALTER DATABASE \(renamed.name) RENAME TO \(database.name)")
      let left = try await database.dump().differences(from: before)
      #expect(left == [])
    }
  }

  @Test(
    "what has been revoked since stays revoked, and what has been granted since stays", arguments: extremes)
  func changedByOthers(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.shop)
      try await Self.apply(database, ["--mode", mode, "--keep-access", "app_old"])
      try await database.psql(
        """
        REVOKE SELECT ON customers FROM readonly;
        REVOKE DELETE ON customers FROM app_old;
        GRANT DELETE ON customers TO reporting WITH GRANT OPTION;
        REVOKE GRANT OPTION FOR SELECT ON orders FROM reporting CASCADE;
        SET ROLE reporting; REVOKE UPDATE (amount) ON orders FROM readonly CASCADE; RESET ROLE;
        GRANT SELECT (customer) ON orders TO readonly;
        REVOKE EXECUTE ON FUNCTION double(integer) FROM PUBLIC;
        """)
      _ = try await Self.expectReverted(database)
      let maintain = server == .pg18RDS ? "m" : ""
      // As a member of the owner role it had no entry that could be revoked.
      let delete = mode == "direct" ? "" : "d"
      let access = try await database.psql(
        """
        SELECT relacl FROM pg_class WHERE relname = 'customers';
        SELECT relacl FROM pg_class WHERE relname = 'orders';
        SELECT attname, attacl FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attacl IS NOT NULL
        ORDER BY attname;
        SELECT proacl FROM pg_proc WHERE proname = 'double'
        """)
      #expect(
        access == """
          {app_old=arw\(delete)Dxt\(maintain)/app_old,reporting=d*/app_old}
          {app_old=arwdDxt\(maintain)/app_old,reporting=a*r/app_old}
          amount|{reporting=rw*/app_old}
          customer|{readonly=r/app_old}
          {app_old=X/app_old}
          """)
    }
  }

  @Test(
    "sequences that a kept role was granted, grants by others and grant options on columns",
    arguments: servers, ["owner-role", "direct"])
  func roundTrip(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(
        Self.shop + """
          SET ROLE app_old; GRANT UPDATE (name) ON customers TO reporting WITH GRANT OPTION;
          REVOKE UPDATE ON SEQUENCE orders_id_seq FROM app_old;
          SET ROLE reporting; GRANT UPDATE (name) ON customers TO readonly WITH GRANT OPTION;
          """)
      try await database.expectRoundTrip(
        Self.options + ["--mode", mode, "--keep-access", "app_old", "--keep-access", "reporting"])
    }
  }
}
