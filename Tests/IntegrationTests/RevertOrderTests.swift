import Foundation
import Postgres
import Subprocess
import Testing

/// `DBAUTH_KILLS` says how many kills, as for `KillTests`; `DBAUTH_KILLS_SEED` repeats a run.
@Suite("While a revert is under way")
struct RevertOrderTests {
  static let tables = 300
  static let old = TestDatabase.ownerOfManyTables

  @Test("of several owners none becomes a member of what the others have, and the plan says who cannot work")
  func severalOwners() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.psql(
        TestDatabase.application
          + "CREATE ROLE billing LOGIN; GRANT ALL ON SCHEMA public TO billing; SET ROLE billing;"
          + "CREATE TABLE invoices (id integer)")
      let apply = try await database.setup("apply", ["--iam-user", "iamuser", "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      let revert = try await database.setup("revert", ["--yes", "--format", "json"])
      #expect(revert.status == 0, "\(revert.output)")
      let plan = try SetupDocument(revert)
      #expect(!plan.changes.contains { $0.object == "app of \(database.ownerRole)" })
      let losses = plan.losses.filter { $0.kind == "meanwhile" }
      #expect(losses.map(\.role) == ["app", "billing"], "\(plan.losses)")
      #expect(losses[0].message.contains("app would reach what is not its own, but billing's"))
    }
  }

  @Test(
    "the IAM user gets no member of an owner who has more than what goes back, and the plan says who cannot work",
    arguments: [ServerName.pg15RDS, .pg18RDS])
  func ownerWithMore(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(
        TestDatabase.application
          + "CREATE SCHEMA priv AUTHORIZATION app; SET ROLE app; CREATE TABLE priv.secret (a text)")
      let apply = try await database.setup("apply", ["--iam-user", "iamuser", "--mode", "direct", "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      let reader = try await database.server.connect(.superuser, database: database.name)
      try await reader.execute("BEGIN; SELECT FROM items")
      let revert = try await database.setup(
        "revert", ["--yes", "--lock-timeout", "500ms", "--format", "json"])
      #expect(revert.status == 1, "\(revert.output)")
      // Nothing of the owner's own is open to the IAM user while revert has not ended.
      await #expect(throws: SandboxServer.Refusal.self) {
        try await database.psql("SET SESSION AUTHORIZATION iamuser; SELECT * FROM priv.secret")
      }
      await #expect(throws: SandboxServer.Refusal.self) {
        try await database.psql("SET SESSION AUTHORIZATION iamuser; SET ROLE app")
      }
      let plan = try SetupDocument(revert)
      let loss = try #require(plan.losses.first { $0.kind == "meanwhile" }, "\(plan.losses)")
      #expect(loss.role == "app" && loss.message.contains("app has more than what goes back"), "\(loss)")
      try await reader.execute("ROLLBACK")
      let again = try await database.setup("revert", ["--yes"])
      #expect(again.status == 0, "\(again.output)")
    }
  }

  @Test("an owner with power over the server gets no member, and the plan says who cannot work")
  func powerfulOwner() async throws {
    try await TestDatabase.run(on: .pg18RDS) { database in
      try await database.psql(TestDatabase.application + "ALTER ROLE app CREATEDB")
      let apply = try await database.setup("apply", ["--iam-user", "iamuser", "--mode", "direct", "--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      let revert = try await database.setup("revert", ["--yes", "--format", "json"])
      #expect(revert.status == 0, "\(revert.output)")
      let plan = try SetupDocument(revert)
      #expect(!plan.changes.contains { $0.object == "iamuser of app" })
      let loss = try #require(plan.losses.first { $0.kind == "meanwhile" }, "\(plan.losses)")
      #expect(
        loss.role == "app" && loss.message.contains("neither can work on all of them")
          && loss.message.contains("app has power over the server"))
    }
  }

  @Test(
    "the IAM user or the old application can log in and work on everything, also when it is killed",
    arguments: [ServerName.pg15RDS, .pg18RDS], ["owner-role", "direct", "kept"])
  func eitherWorks(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      var random = RepeatableRandom(seed: KillTests.seed ^ UInt64(mode.utf8.count))
      try await database.fill(tables: Self.tables)
      try await database.psql("REVOKE CONNECT ON DATABASE \(database.name) FROM PUBLIC")
      try await database.psql("GRANT CONNECT ON DATABASE \(database.name) TO \(Self.old)")
      let beginning = try await database.fingerprint()
      let options =
        ["--iam-user", "iamuser", "--batch-locks", "100", "--yes"]
        + (mode == "kept" ? ["--keep-access", Self.old] : ["--mode", mode])
      for round in 1...max(1, KillTests.kills / 6) {
        let apply = try await database.setup("apply", options)
        #expect(apply.status == 0, "\(apply.output.suffix(2000))")
        let place: Comment = "round \(round), seed \(KillTests.seed)"
        let moment = Duration.milliseconds(Int.random(in: 50...2500, using: &random))
        let findings = try await WorkWatch.during(database, iam: "iamuser", old: Self.old) {
          _ = try await database.setup("revert", ["--batch-locks", "100", "--yes"]) { running in
            try await Task.sleep(for: moment)
            running.send(.kill)
          }
          let revert = try await database.setup("revert", ["--batch-locks", "100", "--yes"])
          #expect(revert.status == 0, "\(place): \(revert.output.suffix(2000))")
        }
        #expect(findings.failures == [], place)
        #expect(findings.looks > 20, place)
        let back = try await database.fingerprint()
        #expect(back.difference(from: beginning).isEmpty, place)
      }
    }
  }
}
