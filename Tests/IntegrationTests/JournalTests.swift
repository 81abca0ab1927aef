import Foundation
import Testing

@Suite("The journal")
struct JournalTests {
  static let options = ["--iam-user", "iamuser"]

  @Test("is for its owner's eyes only, and holds no password")
  func mode() async throws {
    try await TestDatabase.run(on: .pg15Stock) { database in
      try await database.fillWithAwkwardObjects()
      let apply = try await database.setup("apply", Self.options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      let attributes = try FileManager.default.attributesOfItem(atPath: database.journal)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      let text = try String(contentsOfFile: database.journal, encoding: .utf8)
      #expect(!text.contains("app-old-password"))
      #expect(!text.contains("SCRAM-SHA-256"))
      #expect(!text.contains(database.server.master.password))
    }
  }

  @Test("of another database is refused by apply and revert")
  func ofAnotherDatabase() async throws {
    try await TestDatabase.run(on: .pg16RDS) { database in
      try await database.fillWithAwkwardObjects()
      let other = database.another("other")
      try await other.create()
      let apply = try await other.setup("apply", Self.options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      let before = try await database.dump()
      for command in [["apply"] + Self.options, ["revert"]] {
        let result = try await database.setup(command[0], command.dropFirst() + ["--yes"])
        #expect(result.status == 64, "\(result.output)")
        #expect(result.stderr.contains("was written for database \"\(other.name)\""), "\(result.stderr)")
        #expect(result.stderr.contains("not for \"\(database.name)\""))
      }
      let changed = try await database.dump().differences(from: before)
      #expect(changed == [])
    }
  }

  @Test("that is damaged is refused with its line number")
  func damaged() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fillWithAwkwardObjects()
      let apply = try await database.setup("apply", Self.options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      var lines = try String(contentsOfFile: database.journal, encoding: .utf8)
        .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      #expect(lines.count > 3)
      lines[1] = String(lines[1].dropFirst(10))
      try lines.joined(separator: "\n").write(toFile: database.journal, atomically: true, encoding: .utf8)
      let before = try await database.dump()
      for command in [["apply"] + Self.options, ["revert"], ["plan"] + Self.options] {
        let confirmed = command[0] == "plan" ? [] : ["--yes"]
        let result = try await database.setup(command[0], command.dropFirst() + confirmed)
        #expect(result.status == 64, "\(result.output)")
        #expect(
          result.stderr.contains(
            "\(database.journal), line 2: the line has been changed: its checksum does not fit"),
          "\(result.stderr)")
      }
      let changed = try await database.dump().differences(from: before)
      #expect(changed == [])
    }
  }

  @Test("that others may write, or that is somebody else's, decides nothing", arguments: [false, true])
  func ofOthers(isForeign: Bool) async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fillWithAwkwardObjects()
      let apply = try await database.setup("apply", Self.options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      // Only root can give a file away; a user sees its other half alone.
      let isGivenAway = isForeign && chown(database.journal, 65_534, 65_534) == 0
      if !isGivenAway { #expect(chmod(database.journal, 0o622) == 0) }
      let before = try await database.dump()
      for command in [["apply"] + Self.options, ["revert"], ["plan"] + Self.options] {
        let confirmed = command[0] == "plan" ? [] : ["--yes"]
        let result = try await database.setup(command[0], command.dropFirst() + confirmed)
        #expect(result.status == 64, "\(result.output)")
        let words = isGivenAway ? "belongs to another user (uid 65534)" : "can be written by others"
        #expect(result.stderr.contains(words), "\(result.stderr)")
      }
      let changed = try await database.dump().differences(from: before)
      #expect(changed == [])
      _ = chown(database.journal, geteuid(), getegid())
      #expect(chmod(database.journal, 0o600) == 0)
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
    }
  }

  @Test("that does not exist cannot be reverted")
  func missing() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 64)
      #expect(revert.stderr.contains("cannot read journal \(database.journal): No such file or directory"))
    }
  }

  @Test("that cannot be written stops everything before the first change")
  func unwritable() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fillWithAwkwardObjects()
      try await database.expectRefusal(
        1, "cannot open journal /nowhere/setup.journal: No such file or directory", of: Self.options,
        journal: "/nowhere/setup.journal")
      try await database.expectRefusal(
        64, "cannot read journal /dev/full", of: Self.options, journal: "/dev/full")
    }
  }

  @Test("that fills its disk midway leaves nothing half-done, and revert works", arguments: [4, 12, 24])
  func diskFull(kilobytes: Int) async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fill(tables: 300)
      let before = try await database.dump()
      let program = CommandLineTool.path
      let arguments =
        ["setup", "apply", "--yes", "--batch-locks", "100", "--journal", database.journal] + Self.options
      let environment = database.server.environment(.master, database: database.name)
      // With SIGXFSZ ignored, a file at its limit fails a write as a full disk does (EFBIG): setrlimit(2).
      let script = "trap '' XFSZ; ulimit -f \(kilobytes * 2); exec \"$0\" \"$@\""
      let full = try await ChildProcess.run(
        "/bin/sh", ["-c", script, program] + arguments, environment: environment)
      #expect(full.status == 1, "\(full.output)")
      #expect(
        full.stderr.contains("cannot write journal \(database.journal): File too large"), "\(full.stderr)")
      #expect(full.stderr.contains("commits nothing that it could not undo"))

      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      let left = try await database.dump().differences(from: before)
      #expect(left == [])
      let again = try await database.setup("apply", Self.options + ["--yes"])
      #expect(again.status == 0, "\(again.output)")
    }
  }

  @Test(
    "records what was changed since, and revert leaves that alone",
    arguments: [ServerName.pg15RDS, .pg18Stock])
  func changedSince(on server: ServerName) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.fillWithAwkwardObjects()
      let apply = try await database.setup("apply", Self.options + ["--yes"])
      #expect(apply.status == 0, "\(apply.output)")
      try await database.psql("ALTER TABLE archive OWNER TO readonly; DROP VIEW big_spenders")
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output)")
      #expect(revert.stdout.contains("table public.archive belongs to readonly by now"), "\(revert.stdout)")
      let owners = try await database.psql(
        "SELECT string_agg(tableowner, ' ' ORDER BY tablename) FROM pg_tables WHERE tablename IN ('archive', 'orders')"
      )
      #expect(owners == "readonly app_old")
    }
  }
}
