import Postgres
import Testing

/// Roles that setup created, or that it used, and that others use by now.
@Suite("Revert and roles that have got other duties")
struct RevertRolesTests {
  static let options = ["--iam-user", "iamuser"]
  static let duties = [
    ("a member", "CREATE ROLE newcomer; GRANT iamuser TO newcomer", "has the member newcomer"),
    ("a membership", "CREATE ROLE auditors; GRANT auditors TO iamuser", "is a member of auditors"),
    (
      "privileges on something that was never moved",
      "CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.log (at date); GRANT SELECT ON elsewhere.log TO iamuser",
      "has privileges on table elsewhere.log"
    ),
  ]

  @Test(
    "one with a duty is kept and named once, which is no error",
    arguments: [ServerName.pg15RDS, .pg18RDS, .pg16Stock], duties)
  func kept(on server: ServerName, duty: (title: String, statements: String, words: String)) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(RevertHistoryTests.shop)
      let apply = try await database.setup("apply", Self.options + ["--keep-access", "app_old", "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await database.psql(duty.statements)
      let revert = try await RevertHistoryTests.expectReverted(database)
      let named = revert.output.split(separator: "role iamuser is kept: it \(duty.words)").count - 1
      #expect(named == 1, "\(revert.output)")
      let roles = try await database.psql(
        "SELECT string_agg(rolname, ' ') FROM pg_roles WHERE rolname IN ('iamuser', '\(database.ownerRole)')")
      #expect(roles == "iamuser")
      // Once it is free again, the same command ends it.
      try await database.psql("DROP OWNED BY iamuser; DROP ROLE IF EXISTS newcomer, auditors")
      let end = try await database.setup("revert", ["--yes"])
      #expect(end.status == 0, "\(end.output)")
      let left = try await database.psql("SELECT count(*) FROM pg_roles WHERE rolname = 'iamuser'")
      #expect(left == "0", "\(end.output)")
    }
  }

  @Test(
    "an IAM user of two databases works in the second until that is reverted, too",
    arguments: [ServerName.pg15RDS, .pg18RDS], ["owner-role", "direct"])
  func shared(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      let second = database.another("second")
      try await second.create()
      try await database.psql(RevertHistoryTests.shop)
      let before = try await database.dump()
      try await second.psql(
        "GRANT CREATE ON SCHEMA public TO app_old; SET ROLE app_old; CREATE TABLE t (id serial)")
      let journals = ["\(database.folder)/first", "\(database.folder)/second"]
      for (number, moved) in [database, second].enumerated() {
        let apply = try await moved.setup(
          "apply", Self.options + ["--mode", mode, "--yes"], journal: journals[number])
        #expect(apply.status == 0, "\(apply.output)")
      }
      let first = try await database.setup("revert", ["--yes"], journal: journals[0])
      #expect(first.status == 0, "\(first.output)")
      let verify = try await second.setup("verify", Self.options + ["--mode", mode])
      #expect(verify.status == 0, "\(verify.output)")
      let last = try await second.setup("revert", ["--yes"], journal: journals[1])
      #expect(last.status == 0, "\(last.output)")
      let end = try await database.setup("revert", ["--yes"], journal: journals[0])
      #expect(end.status == 0, "\(end.output)")
      let left = try await database.dump().differences(from: before)
      #expect(left == [])
    }
  }

  @Test(
    "of several databases one has been dropped: it is named, and the others come back",
    arguments: [ServerName.pg15RDS, .pg18RDS], [0, 1])
  func oneDropped(on server: ServerName, dropped: Int) async throws {
    try await TestDatabase.run(on: server) { database in
      let second = database.another("second")
      try await second.create()
      for one in [database, second] {
        try await one.psql(
          one.name == database.name
            ? RevertHistoryTests.shop
            : "GRANT CREATE ON SCHEMA public TO app_old; SET ROLE app_old; CREATE TABLE t (id serial)")
      }
      let (gone, stays) = dropped == 0 ? (database, second) : (second, database)
      let before = try await stays.dump()
      let apply = try await database.setup("apply", Self.options + ["--all-databases", "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await database.server.psql("DROP DATABASE \(gone.name)")
      let revert = try await stays.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      #expect(revert.stdout.contains("database \(gone.name) no longer exists"), "\(revert.stdout)")
      let left = try await stays.dump().differences(from: before)
      #expect(left == [])
      let again = try await stays.setup("revert", ["--yes"])
      #expect(again.status == 0 && again.stdout.contains("Nothing to undo"), "\(again.output)")
    }
  }

  @Test(
    "what was created since goes to who owned most of its schema, and the roles go",
    arguments: RevertHistoryTests.extremes)
  func createdSince(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(RevertHistoryTests.shop)
      let apply = try await database.setup("apply", Self.options + ["--mode", mode, "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      let become = mode == "direct" ? "" : "SET ROLE \(database.ownerRole);"
      try await database.psql(
        """
        GRANT CREATE ON DATABASE \(database.name) TO iamuser;
        SET ROLE iamuser; \(become)
        CREATE TABLE brand_new (id serial PRIMARY KEY, at timestamptz);
        CREATE VIEW recent AS SELECT * FROM brand_new;
        CREATE TYPE shade AS ENUM ('light', 'dark');
        CREATE FUNCTION three() RETURNS integer LANGUAGE sql AS 'SELECT 3';
        CREATE SEQUENCE tickets;
        RESET ROLE; SET ROLE iamuser; CREATE SCHEMA fresh; CREATE TABLE fresh.t (id serial);
        RESET ROLE; REVOKE CREATE ON DATABASE \(database.name) FROM iamuser;
        """)
      _ = try await RevertHistoryTests.expectReverted(database)
      let owners = try await database.psql(
        """
        SELECT string_agg(DISTINCT relowner::regrole::text, ' ') FROM pg_class
        WHERE relnamespace IN ('public'::regnamespace, 'fresh'::regnamespace);
        SELECT nspowner::regrole FROM pg_namespace WHERE nspname = 'fresh';
        SELECT typowner::regrole FROM pg_type WHERE typname = 'shade';
        SELECT count(*) FROM pg_roles WHERE rolname IN ('iamuser', '\(database.ownerRole)')
        """)
      #expect(owners == "app_old\napp_old\napp_old\n0")
    }
  }

  @Test("what was created since in a schema of several owners is named with its statement")
  func ambiguous() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.psql(
        """
        CREATE ROLE one LOGIN; CREATE ROLE two LOGIN;
        CREATE SCHEMA common AUTHORIZATION postgres; GRANT CREATE, USAGE ON SCHEMA common TO one, two;
        SET ROLE one; CREATE TABLE common.a (id integer); RESET ROLE;
        SET ROLE two; CREATE TABLE common.b (id integer); RESET ROLE;
        """)
      let apply = try await database.setup("apply", Self.options + ["--all-schemas", "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await database.psql("SET ROLE \(database.ownerRole); CREATE TABLE common.c (id integer)")
      let revert = try await RevertHistoryTests.expectReverted(database)
      let text = revert.stdout.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(text.contains("ALTER TABLE \"common\".\"c\" OWNER TO"), "\(revert.stdout)")
      #expect(text.contains("role \(database.ownerRole) is kept: it owns table common.c"), "\(revert.stdout)")
      try await database.psql("ALTER TABLE common.c OWNER TO one")
      let end = try await database.setup("revert", ["--yes"])
      #expect(end.status == 0, "\(end.output)")
      let left = try await database.psql(
        "SELECT count(*) FROM pg_roles WHERE rolname IN ('iamuser', '\(database.ownerRole)')")
      #expect(left == "0", "\(end.output)")
    }
  }
}
