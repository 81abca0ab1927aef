import Postgres
import Testing

@Suite("What people meet in real databases")
struct AfterwardsTests {
  static let options = ["--iam-user", "iamuser"]

  @Test("objects of the master itself move and come back", arguments: MoveTests.moves)
  func objectsOfTheMaster(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(
        """
        CREATE SCHEMA app;
        CREATE TABLE app.users (id serial PRIMARY KEY, name text);
        CREATE VIEW app.names AS SELECT name FROM app.users;
        GRANT SELECT ON app.users TO PUBLIC;
        CREATE TABLE notes (id integer GENERATED ALWAYS AS IDENTITY);
        CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1';
        """, as: .master)
      try await database.expectRoundTrip(
        Self.options + ["--all-schemas", "--mode", mode, "--keep-access", "postgres"])
      try await database.expectRoundTrip(Self.options + ["--all-schemas", "--mode", mode])
    }
  }

  @Test("a database whose name has to be quoted", arguments: [ServerName.pg15RDS, .pg18RDS])
  func awkwardName(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      let other = database.another("\"Q\".'s %\\🐘")
      try await other.create()
      try await other.fillWithAwkwardObjects()
      try await other.expectRoundTrip(Self.options + ["--keep-access", "app_old"])
      let plan = try await other.setup(
        "plan", Self.options + ["--format", "sql"], journal: "\(database.folder)/none")
      #expect(plan.status == 0, "\(plan.output)")
      try await other.psql(plan.stdout, as: server.administrator)
      let rest = try await other.psql("SELECT tableowner FROM pg_tables WHERE tablename = 'archive'")
      #expect(rest == other.ownerRole)
    }
  }

  @Test("somebody's temporary tables are left alone", arguments: [ServerName.pg15RDS, .pg18RDS])
  func temporaryTables(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      let session = try await database.server.connect(.superuser, database: database.name)
      try await session.execute(
        "SET ROLE app_old; CREATE TEMPORARY TABLE scratch (id serial PRIMARY KEY, body text)")
      let apply = try await database.setup("apply", Self.options + ["--all-schemas", "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      #expect(!apply.stdout.contains("scratch"))
      let owner = try await session.query("SELECT tableowner FROM pg_tables WHERE tablename = 'scratch'")
      #expect(owner.text(0, 0) == "app_old")
    }
  }

  @Test("a master that does not inherit is refused before the first change")
  func masterWithoutInherit() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fillWithAwkwardObjects()
      try await database.psql("ALTER ROLE postgres NOINHERIT")
      try await database.expectRefusal(1, "NOINHERIT", "ALTER ROLE \"postgres\" INHERIT", of: Self.options)
      try await database.psql("ALTER ROLE postgres INHERIT")
    }
  }

  @Test(
    "a second move to another owner role can be undone to the very beginning",
    arguments: [ServerName.pg16RDS, .pg15Stock])
  func movedTwice(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      let before = try await database.dump()
      for owner in ["first_owner", "second_owner"] {
        let apply = try await database.setup(
          "apply", Self.options + ["--owner-role", owner, "--create-owner-role", "--yes"])
        #expect(apply.status == 0, "\(apply.output)")
      }
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      let left = try await database.dump().differences(from: before)
      #expect(left == [])
    }
  }

  @Test(
    "several applies with other options can be undone to the very beginning",
    arguments: [ServerName.pg15RDS, .pg18RDS, .pg16Stock])
  func appliedAgain(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      let before = try await database.dump()
      for more in [
        [], ["--keep-access", "app_old"], ["--keep-access", "readonly", "--include", "default-privileges"],
        ["--mode", "direct"], ["--mode", "direct", "--keep-access", "app_old", "--include", "collation"],
      ] {
        let apply = try await database.setup("apply", Self.options + more + ["--yes"])
        #expect(apply.status == 0, "\(more): \(apply.output)")
        let verify = try await database.setup("verify", Self.options + more)
        #expect(verify.status == 0, "\(more): \(verify.output)")
      }
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      let left = try await database.dump().differences(from: before)
      #expect(left == [])
    }
  }

  @Test("revert when there is nothing left to undo does nothing, and apply after revert starts anew")
  func again() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.fillWithAwkwardObjects()
      for _ in 1...2 { try await database.expectRoundTrip(Self.options + ["--keep-access", "app_old"]) }
      let nothing = try await database.setup("revert", ["--yes"])
      #expect(nothing.status == 0, "\(nothing.output)")
      #expect(nothing.stdout.contains("Nothing to undo"), "\(nothing.stdout)")
    }
  }
}
