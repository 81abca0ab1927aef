import Foundation
import Postgres
import Subprocess
import Testing

@Suite("While apply is under way")
struct InterimTests {
  static let modes = ["owner-role", "direct"]

  @Test(
    "the old owner may use what has moved until the IAM user can sign in, as every form of the plan says",
    arguments: [ServerName.pg15RDS, .pg18RDS], modes)
  func inThePlan(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(TestDatabase.application)
      let owner = database.newOwner(mode)
      let before = try await database.memberships()
      let changes = try await database.plan(TestDatabase.takeOver(mode)).changes
      let begin = try #require(changes.firstIndex { $0.object == "app of \(owner)" })
      #expect(changes[begin].to == "until iamuser can sign in")
      let moved = try #require(changes.firstIndex { $0.step == "ownership" })
      let end = try #require(changes.lastIndex { $0.object == "app of \(owner)" })
      #expect(begin < moved && moved < end)
      #expect(changes[end].sql == "REVOKE \"\(owner)\" FROM \"app\"")
      #expect(changes[end...].map(\.object) == ["app of \(owner)", "iamuser of rds_iam"])
      let text = try await database.setup("plan", TestDatabase.takeOver(mode)).stdout
      #expect(text.contains("+ member             app of \(owner)  until iamuser can sign in"), "\(text)")
      #expect(text.contains("- member             app of \(owner)  now that iamuser can sign in"), "\(text)")
      // The script does the same, and the last transaction has both.
      let script = try await database.setup("plan", TestDatabase.takeOver(mode) + ["--format", "sql"]).stdout
      let last = script.components(separatedBy: "BEGIN;").last ?? ""
      #expect(
        last.contains("REVOKE \"\(owner)\" FROM \"app\";\nGRANT \"rds_iam\" TO \"iamuser\";"), "\(last)")
      try await database.psql(script)
      let after = try await database.memberships()
      #expect(
        after
          == (before + ["iamuser of rds_iam"] + (mode == "direct" ? [] : ["iamuser of \(owner)"])).sorted())
      let again = try await database.plan(TestDatabase.takeOver(mode) + ["--adopt-iam-user"])
      #expect(again.changes.isEmpty)
    }
  }

  @Test(
    "where not everything could be moved it goes on, which is said, until the same command or revert ends it",
    arguments: [ServerName.pg15RDS, .pg18RDS], modes)
  func partly(on server: ServerName, mode: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(TestDatabase.application)
      let owner = database.newOwner(mode)
      let beginning = try await database.fingerprint()
      for last in ["apply", "revert"] {
        let first = try await database.applyButFor("items", TestDatabase.takeOver(mode))
        #expect(first.status == 1, "\(first.output)")
        let said = first.stdout.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(said.contains("Notice: app is a member of \(owner) for as long as not everything has moved"))
        // The old application works on both tables.
        try await database.psql(
          "INSERT INTO orders VALUES (1); INSERT INTO items VALUES (1)", as: .role("app"))
        let members = try await database.memberships()
        #expect(members.contains("app of \(owner)"))
        #expect(members.contains("iamuser of rds_iam") == (mode != "direct"))
        let verify = try await database.setup(
          "verify", TestDatabase.takeOver(mode) + ["--journal", database.journal])
        #expect(verify.status == 1)
        #expect(
          verify.stdout.contains("app is a member of \(owner) for as long as the move lasts"),
          "\(verify.output)")
        if last == "apply" {
          let second = try await database.setup("apply", TestDatabase.takeOver(mode) + ["--yes"])
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
      try await database.psql(TestDatabase.application)
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
      try await database.psql(TestDatabase.application)
      let options = TestDatabase.takeOver(mode) + ["--yes"]
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

  @Test("with several databases it lasts until all of them have moved", arguments: modes)
  func severalDatabases(mode: String) async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      let other = database.another("b")
      try await other.create()
      try await database.psql(TestDatabase.application)
      try await other.psql(
        TestDatabase.application.replacing("CREATE ROLE app LOGIN PASSWORD 'app';", with: ""))
      let before = try await database.memberships()
      let options = TestDatabase.takeOver(mode) + ["--all-databases"]
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
