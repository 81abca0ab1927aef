import Foundation
import Postgres
import Subprocess
import Testing

@Suite("Who becomes a member for as long as a move lasts")
struct InterimReachTests {
  static let modes = ["owner-role", "direct"]

  @Test("a membership that was there before, or is asked for by then, is never taken")
  func others() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.psql(TestDatabase.application + "CREATE ROLE team; GRANT team TO app;")
      let options = ["--iam-user", "iamuser", "--owner-role", "team"]
      let apply = try await database.setup("apply", options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      var members = try await database.memberships()
      #expect(members.contains("app of team"))
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")

      let owner = database.ownerRole
      _ = try await database.applyButFor("items", TestDatabase.takeOver("owner-role"))
      let kept = TestDatabase.takeOver("owner-role") + ["--keep-access", "app", "--yes"]
      let second = try await database.setup("apply", kept)
      #expect(second.status == 0, "\(second.output)")
      // It is for good by now, also for a run that does not name it.
      let third = try await database.setup("apply", TestDatabase.takeOver("owner-role") + ["--yes"])
      #expect(third.status == 0, "\(third.output)")
      members = try await database.memberships()
      #expect(members.contains("app of \(owner)"))
    }
  }

  @Test("a membership that somebody else gives later stays, through apply and revert")
  func later() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.psql(TestDatabase.application)
      let options = TestDatabase.takeOver("owner-role") + ["--yes"]
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
      try await database.psql(TestDatabase.application + "GRANT ALL ON SCHEMA public TO PUBLIC;\(sql)")
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
      try await database.psql(TestDatabase.application)
      _ = try await database.applyButFor("items", TestDatabase.takeOver("owner-role"))
      try await database.psql(
        "CREATE ROLE billing LOGIN; CREATE TABLE invoices (id integer); ALTER TABLE invoices OWNER TO billing"
      )
      let plan = try await database.plan(TestDatabase.takeOver("owner-role"))
      let named = try #require(plan.guards.first { $0.id == "interim-reach" })
      #expect(named.status == "warn" && named.message.contains("would reach what is billing's"))
    }
  }

  @Test("from 16 on a NOINHERIT owner gets it all the same, and works")
  func noInherit() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.psql(TestDatabase.application + "ALTER ROLE app NOINHERIT")
      _ = try await database.applyButFor("items", TestDatabase.takeOver("owner-role"))
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
      let first = try await database.applyButFor("items", TestDatabase.takeOver(mode))
      #expect(first.status == 1, "\(first.output)")
      try await database.psql("INSERT INTO orders VALUES (1); INSERT INTO items VALUES (1)", as: .role("ann"))
      let second = try await database.setup("apply", TestDatabase.takeOver(mode) + ["--yes"])
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
      try await database.psql(
        TestDatabase.application + "CREATE ROLE iamuser LOGIN; GRANT rds_iam TO iamuser;")
      let first = try await database.applyButFor("items", TestDatabase.takeOver("direct"))
      #expect(first.status == 1, "\(first.output)")
      var members = try await database.memberships()
      #expect(members.contains("iamuser of app") && !members.contains("app of iamuser"))
      try await database.psql(
        "SET SESSION AUTHORIZATION iamuser; INSERT INTO orders VALUES (1); INSERT INTO items VALUES (1)")
      let second = try await database.setup("apply", TestDatabase.takeOver("direct") + ["--yes"])
      #expect(second.status == 0, "\(second.output)")
      members = try await database.memberships()
      #expect(members == ["iamuser of rds_iam"])
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")

      try await database.psql("ALTER ROLE app CREATEDB")
      let plan = try await database.plan(TestDatabase.takeOver("direct"))
      #expect(!plan.changes.contains { $0.kind == "member" })
      #expect(plan.losses.contains { $0.message.contains("app has power over the server") }, "\(plan.losses)")

      try await database.psql(
        "ALTER ROLE app NOCREATEDB; CREATE SCHEMA priv AUTHORIZATION app; SET ROLE app; CREATE TABLE priv.secret ()"
      )
      let more = try await database.plan(TestDatabase.takeOver("direct"))
      #expect(!more.changes.contains { $0.kind == "member" })
      #expect(more.losses.contains { $0.message.contains("app has more than what moves") }, "\(more.losses)")
    }
  }

  @Test("every login that may run setup gives and takes it back", arguments: ServerName.allCases, modes)
  func everywhere(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(TestDatabase.application)
      for login in [Login.superuser, .master] {
        let plan = try await database.setup(
          "plan", TestDatabase.takeOver(mode) + ["--format", "json"], as: login)
        // A stock server's master lacks rights from 16 on, which is another matter.
        if try SetupDocument(plan).blocked { continue }
        let before = try await database.fingerprint()
        let apply = try await database.setup(
          "apply", TestDatabase.takeOver(mode) + ["--yes"], as: login,
          journal: "\(database.folder)/\(login).journal")
        #expect(apply.status == 0, "\(apply.output)")
        let owner = database.newOwner(mode)
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
        TestDatabase.application
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
}
