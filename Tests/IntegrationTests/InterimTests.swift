import Foundation
import Postgres
import Subprocess
import Testing

/// What an application owns, and who it is.
let application = """
  CREATE ROLE app LOGIN PASSWORD 'app';
  GRANT ALL ON SCHEMA public TO app;
  SET ROLE app;
  CREATE TABLE orders (id integer);
  CREATE TABLE items (id integer);
  RESET ROLE;
  """

extension TestDatabase {
  /// Every membership of a role, or in it, but for those of the servers' own roles.
  func memberships() async throws -> [String] {
    try await psql(
      """
      SELECT m.member::regrole || ' of ' || m.roleid::regrole FROM pg_auth_members m
      WHERE m.member::regrole::text !~ '^(pg_|rds)' AND m.member::regrole::text <> 'postgres' ORDER BY 1
      """
    ).split(separator: "\n").map(String.init)
  }

  fileprivate func plan(_ options: [String], as login: Login? = nil) async throws -> SetupDocument {
    let plan = try await setup("plan", options + ["--format", "json"], as: login)
    #expect(plan.status == 0, "\(plan.output)")
    return try SetupDocument(plan)
  }

  /// Applies while a table is locked, so that everything but that table is done.
  func applyButFor(_ table: String, _ options: [String]) async throws -> ChildProcess.Result {
    let reader = try await server.connect(.superuser, database: name)
    try await reader.execute("BEGIN; SELECT FROM \(table)")
    let apply = try await setup("apply", options + ["--lock-timeout", "500ms", "--yes"])
    try await reader.execute("ROLLBACK")
    return apply
  }
}

@Suite("While apply is under way")
struct InterimTests {
  static let modes = ["owner-role", "direct"]
  private static func options(_ mode: String) -> [String] { ["--iam-user", "iamuser", "--mode", mode] }
  /// Who owns by the end.
  private static func owner(_ database: TestDatabase, _ mode: String) -> String {
    mode == "direct" ? "iamuser" : database.ownerRole
  }

  @Test(
    "the old owner may use what has moved until the IAM user can sign in, as every form of the plan says",
    arguments: [ServerName.pg15RDS, .pg18RDS], modes)
  func inThePlan(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(application)
      let owner = Self.owner(database, mode)
      let before = try await database.memberships()
      let changes = try await database.plan(Self.options(mode)).changes
      let begin = try #require(changes.firstIndex { $0.object == "app of \(owner)" })
      #expect(changes[begin].to == "until iamuser can sign in")
      let moved = try #require(changes.firstIndex { $0.step == "ownership" })
      let end = try #require(changes.lastIndex { $0.object == "app of \(owner)" })
      #expect(begin < moved && moved < end)
      #expect(changes[end].sql == "REVOKE \"\(owner)\" FROM \"app\"")
      #expect(changes[end...].map(\.object) == ["app of \(owner)", "iamuser of rds_iam"])
      let text = try await database.setup("plan", Self.options(mode)).stdout
      #expect(text.contains("+ member             app of \(owner)  until iamuser can sign in"), "\(text)")
      #expect(text.contains("- member             app of \(owner)  now that iamuser can sign in"), "\(text)")
      // The script does the same, and the last transaction has both.
      let script = try await database.setup("plan", Self.options(mode) + ["--format", "sql"]).stdout
      let last = script.components(separatedBy: "BEGIN;").last ?? ""
      #expect(
        last.contains("REVOKE \"\(owner)\" FROM \"app\";\nGRANT \"rds_iam\" TO \"iamuser\";"), "\(last)")
      try await database.psql(script)
      let after = try await database.memberships()
      #expect(
        after
          == (before + ["iamuser of rds_iam"] + (mode == "direct" ? [] : ["iamuser of \(owner)"])).sorted())
      let again = try await database.plan(Self.options(mode) + ["--adopt-iam-user"])
      #expect(again.changes.isEmpty)
    }
  }

  @Test(
    "where not everything could be moved it goes on, which is said, until the same command or revert ends it",
    arguments: [ServerName.pg15RDS, .pg18RDS], modes)
  func partly(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(application)
      let owner = Self.owner(database, mode)
      let beginning = try await database.fingerprint()
      for last in ["apply", "revert"] {
        let first = try await database.applyButFor("items", Self.options(mode))
        #expect(first.status == 1, "\(first.output)")
        let said = first.stdout.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(said.contains("Notice: app is a member of \(owner) for as long as not everything has moved"))
        // The old application works on both tables.
        try await database.psql(
          "INSERT INTO orders VALUES (1); INSERT INTO items VALUES (1)", as: .role("app"))
        let members = try await database.memberships()
        #expect(members.contains("app of \(owner)"))
        #expect(members.contains("iamuser of rds_iam") == (mode != "direct"))
        let verify = try await database.setup("verify", Self.options(mode) + ["--journal", database.journal])
        #expect(verify.status == 1)
        #expect(
          verify.stdout.contains("app is a member of \(owner) for as long as the move lasts"),
          "\(verify.output)")
        if last == "apply" {
          let second = try await database.setup("apply", Self.options(mode) + ["--yes"])
          #expect(second.status == 0, "\(second.output)")
          let done = try await database.memberships()
          #expect(!done.contains("app of \(owner)") && done.contains("iamuser of rds_iam"))
        }
        let revert = try await database.setup("revert", ["--yes"])
        #expect(revert.status == 0, "\(revert.output)")
        let back = try await database.fingerprint()
        #expect(back.difference(from: beginning).isEmpty)
      }
    }
  }

  @Test("Ctrl-C, once or twice, says what goes on", arguments: 1...2)
  func interrupted(times: Int) async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.psql(application)
      let reader = try await database.server.connect(.superuser, database: database.name)
      try await reader.execute("BEGIN; SELECT FROM items")
      let ended = try await database.setupOnTerminal(
        "apply", ["--iam-user", "iamuser", "--lock-timeout", times == 1 ? "1s" : "1min", "--yes"]
      ) { terminal, running in
        try await terminal.shows("waiting for public.items")
        running.send(.interrupt)
        try await terminal.shows("Ctrl-C once more ends at once")
        if times == 2 { running.send(.interrupt) }
      }
      let text = ended.stdout.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      let expected = "app is a member of \(database.ownerRole) for as long as"
      #expect(text.contains(expected), "\(text)")
      try await reader.execute("ROLLBACK")
      let again = try await database.setup("apply", ["--iam-user", "iamuser", "--yes"])
      #expect(again.status == 0, "\(again.output)")
      #expect(!again.output.contains("for as long as"), "\(again.output)")
    }
  }

  @Test(
    "a revert that was ended leaves nothing of the kind behind the apply that follows",
    arguments: [ServerName.pg15RDS, .pg18RDS], modes)
  func revertThenApply(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(application)
      let options = Self.options(mode) + ["--yes"]
      let apply = try await database.setup("apply", options)
      #expect(apply.status == 0, "\(apply.output)")
      let moved = try await database.fingerprint()
      let reader = try await database.server.connect(.superuser, database: database.name)
      try await reader.execute("BEGIN; SELECT FROM items")
      let revert = try await database.setup("revert", ["--lock-timeout", "500ms", "--yes"])
      #expect(revert.status == 1, "\(revert.output)")
      try await reader.execute("ROLLBACK")
      let again = try await database.setup("apply", options)
      #expect(again.status == 0, "\(again.output)")
      let now = try await database.fingerprint()
      #expect(now.difference(from: moved).isEmpty)
    }
  }

  @Test("a membership that was there before, or is asked for by then, is never taken")
  func others() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.psql(application + "CREATE ROLE team; GRANT team TO app;")
      let options = ["--iam-user", "iamuser", "--owner-role", "team"]
      let apply = try await database.setup("apply", options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      var members = try await database.memberships()
      #expect(members.contains("app of team"))
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")

      let owner = database.ownerRole
      _ = try await database.applyButFor("items", Self.options("owner-role"))
      let kept = Self.options("owner-role") + ["--keep-access", "app", "--yes"]
      let second = try await database.setup("apply", kept)
      #expect(second.status == 0, "\(second.output)")
      // It is for good by now, also for a run that does not name it.
      let third = try await database.setup("apply", Self.options("owner-role") + ["--yes"])
      #expect(third.status == 0, "\(third.output)")
      members = try await database.memberships()
      #expect(members.contains("app of \(owner)"))
    }
  }

  @Test("a membership that somebody else gives later stays, through apply and revert")
  func later() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.psql(application)
      let options = Self.options("owner-role") + ["--yes"]
      let apply = try await database.setup("apply", options)
      #expect(apply.status == 0, "\(apply.output)")
      try await database.psql("GRANT \(database.ownerRole) TO app")
      let again = try await database.setup("apply", options)
      #expect(again.status == 0, "\(again.output)")
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      let members = try await database.memberships()
      #expect(members.contains("app of \(database.ownerRole)"))
    }
  }

  /// What would let the old owner reach more than the move itself does, or is of no use to it.
  static let obstacles: [(ServerName, sql: String, options: [String], reason: String)] = [
    (
      .pg18RDS, "CREATE ROLE billing LOGIN; SET ROLE billing; CREATE TABLE invoices (id integer)", [],
      "app would reach what is not its own, but billing's"
    ),
    (
      .pg15RDS,
      "CREATE ROLE team; GRANT ALL ON SCHEMA public TO team; CREATE SCHEMA pay AUTHORIZATION team;"
        + "SET ROLE team; CREATE TABLE pay.wages (id integer)", ["--owner-role", "team"],
      "team has more than app had"
    ),
    (
      .pg18RDS, "CREATE ROLE lead; CREATE ROLE team; GRANT lead TO team", ["--owner-role", "team"],
      "app would reach what is not its own, but lead's"
    ),
    (
      .pg15RDS, "REVOKE CREATE ON SCHEMA public FROM app", [], "app would own schema public as well"
    ),
    (.pg15RDS, "ALTER ROLE app NOINHERIT", [], "app is NOINHERIT"),
    (
      .pg15RDS, "CREATE ROLE team; GRANT app TO team", ["--owner-role", "team"],
      "team is a member of app, which cannot become its member as well"
    ),
  ]

  @Test(
    "nobody reaches more by it than by the move itself; the plan says who cannot work", arguments: obstacles)
  func neverMore(on server: ServerName, sql: String, options: [String], reason: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(application + "GRANT ALL ON SCHEMA public TO PUBLIC;\(sql)")
      if reason.contains("own schema") {
        try await database.psql("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
      }
      let plan = try await database.plan(["--iam-user", "iamuser"] + options)
      let owner = options.last ?? database.ownerRole
      #expect(!plan.changes.contains { $0.object == "app of \(owner)" }, "\(plan.changes)")
      let loss = try #require(
        plan.losses.first { $0.kind == "meanwhile" && $0.role == "app" }, "\(plan.losses)")
      #expect(loss.message.contains(reason), "\(loss)")
      let note = plan.notes.filter { $0.contains(reason) }
      #expect(
        note.allSatisfy { $0.contains("--keep-access app avoids that") } && !note.isEmpty, "\(plan.notes)")
    }
  }

  @Test("who would reach more with what an earlier run has begun is named")
  func moreByThen() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.psql(application)
      _ = try await database.applyButFor("items", Self.options("owner-role"))
      try await database.psql(
        "CREATE ROLE billing LOGIN; CREATE TABLE invoices (id integer); ALTER TABLE invoices OWNER TO billing"
      )
      let plan = try await database.plan(Self.options("owner-role"))
      let named = try #require(plan.guards.first { $0.id == "interim-reach" })
      #expect(named.status == "warn" && named.message.contains("would reach what is billing's"))
    }
  }

  @Test("from 16 on a NOINHERIT owner gets it all the same, and works")
  func noInherit() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.psql(application + "ALTER ROLE app NOINHERIT")
      _ = try await database.applyButFor("items", Self.options("owner-role"))
      try await database.psql("INSERT INTO orders VALUES (1); INSERT INTO items VALUES (1)", as: .role("app"))
    }
  }

  @Test("the members of a team that owns go on working", arguments: modes)
  func team(mode: String) async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.psql(
        """
        CREATE ROLE team; CREATE ROLE ann LOGIN PASSWORD 'ann' IN ROLE team;
        GRANT ALL ON SCHEMA public TO team;
        SET ROLE team; CREATE TABLE orders (id integer); CREATE TABLE items (id integer);
        """)
      let first = try await database.applyButFor("items", Self.options(mode))
      #expect(first.status == 1, "\(first.output)")
      try await database.psql("INSERT INTO orders VALUES (1); INSERT INTO items VALUES (1)", as: .role("ann"))
      let second = try await database.setup("apply", Self.options(mode) + ["--yes"])
      #expect(second.status == 0, "\(second.output)")
      await #expect(throws: SandboxServer.Refusal.self) {
        try await database.psql("INSERT INTO orders VALUES (1)", as: .role("ann"))
      }
    }
  }

  @Test(
    "an IAM user that signs in already works on everything, unless it would get power over the server",
    arguments: [ServerName.pg15RDS, .pg18RDS])
  func signsIn(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(application + "CREATE ROLE iamuser LOGIN; GRANT rds_iam TO iamuser;")
      let first = try await database.applyButFor("items", Self.options("direct"))
      #expect(first.status == 1, "\(first.output)")
      var members = try await database.memberships()
      #expect(members.contains("iamuser of app") && !members.contains("app of iamuser"))
      try await database.psql(
        "SET SESSION AUTHORIZATION iamuser; INSERT INTO orders VALUES (1); INSERT INTO items VALUES (1)")
      let second = try await database.setup("apply", Self.options("direct") + ["--yes"])
      #expect(second.status == 0, "\(second.output)")
      members = try await database.memberships()
      #expect(members == ["iamuser of rds_iam"])
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")

      try await database.psql("ALTER ROLE app CREATEDB")
      let plan = try await database.plan(Self.options("direct"))
      #expect(!plan.changes.contains { $0.kind == "member" })
      #expect(plan.losses.contains { $0.message.contains("app has power over the server") }, "\(plan.losses)")

      try await database.psql(
        "ALTER ROLE app NOCREATEDB; CREATE SCHEMA priv AUTHORIZATION app; SET ROLE app; CREATE TABLE priv.secret ()"
      )
      let more = try await database.plan(Self.options("direct"))
      #expect(!more.changes.contains { $0.kind == "member" })
      #expect(more.losses.contains { $0.message.contains("app has more than what moves") }, "\(more.losses)")
    }
  }

  @Test("every login that may run setup gives and takes it back", arguments: ServerName.allCases, modes)
  func everywhere(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(application)
      for login in [Login.superuser, .master] {
        let plan = try await database.setup("plan", Self.options(mode) + ["--format", "json"], as: login)
        // A stock server's master lacks rights from 16 on, which is another matter.
        if try SetupDocument(plan).blocked { continue }
        let before = try await database.fingerprint()
        let apply = try await database.setup(
          "apply", Self.options(mode) + ["--yes"], as: login, journal: "\(database.folder)/\(login).journal")
        #expect(apply.status == 0, "\(apply.output)")
        let owner = Self.owner(database, mode)
        let members = try await database.memberships()
        #expect(!members.contains("app of \(owner)"))
        #expect(try SetupDocument(plan).changes.contains { $0.object == "app of \(owner)" })
        let revert = try await database.setup(
          "revert", ["--yes"], as: login, journal: "\(database.folder)/\(login).journal")
        #expect(revert.status == 0, "\(revert.output)")
        let back = try await database.fingerprint()
        #expect(back.difference(from: before).isEmpty)
      }
    }
  }

  @Test("a master that may not give it does without, and says so")
  func mayNot() async throws {
    try await TestDatabase.run(on: .pg18Stock) { database in
      // The owner role is somebody else's, and only lent to the master for good.
      try await database.psql(
        application
          + """
          CREATE ROLE owning; CREATE ROLE iamuser LOGIN; GRANT rds_iam TO iamuser; GRANT owning TO iamuser;
          GRANT owning, app TO postgres; ALTER ROLE iamuser IN DATABASE \(database.name) SET role = owning;
          GRANT CREATE ON DATABASE \(database.name) TO owning;
          """)
      let plan = try await database.plan(
        ["--iam-user", "iamuser", "--owner-role", "owning", "--adopt-iam-user"], as: .master)
      #expect(!plan.changes.contains { $0.object == "app of owning" })
      let loss = try #require(plan.losses.first { $0.kind == "meanwhile" })
      #expect(loss.message.contains("postgres may not make app a member of owning"), "\(loss)")
    }
  }

  @Test("with several databases it lasts until all of them have moved", arguments: modes)
  func severalDatabases(mode: String) async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      let other = database.another("b")
      try await other.create()
      try await database.psql(application)
      try await other.psql(application.replacing("CREATE ROLE app LOGIN PASSWORD 'app';", with: ""))
      let before = try await database.memberships()
      let options = Self.options(mode) + ["--all-databases"]
      let plan = try await database.plan(options)
      let ends = plan.changes.filter { $0.sql.hasPrefix("REVOKE") }.map(\.object)
      let owners = mode == "direct" ? ["iamuser"] : [database.ownerRole, other.ownerRole]
      #expect(ends.sorted() == owners.map { "app of \($0)" }.sorted(), "\(plan.losses)")
      #expect(plan.changes.last?.object == "iamuser of rds_iam")
      let apply = try await database.setup("apply", options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      let members = try await database.memberships()
      #expect(!members.contains { $0.hasPrefix("app of ") })
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      let back = try await database.memberships()
      #expect(back == before)
    }
  }
}
