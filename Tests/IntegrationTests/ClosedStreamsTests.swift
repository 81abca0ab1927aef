import Foundation
import Subprocess
import Testing

@Suite("stdout and stderr that nobody reads")
struct ClosedStreamsTests {
  static let options = ["--iam-user", "iamuser", "--keep-access", "app_old", "--yes"]

  /// Runs `setup` by a shell, which redirects.
  private static func setup(
    _ database: TestDatabase, _ command: String, _ options: [String], _ redirection: String
  ) async throws -> ChildProcess.Result {
    let arguments = ["-c", "\"$0\" \"$@\" \(redirection)", CommandLineTool.path, "setup", command] + options
    return try await ChildProcess.run(
      "/bin/bash", arguments + ["--journal", database.journal],
      environment: database.server.environment(database.serverName.administrator, database: database.name),
      folder: database.folder)
  }

  @Test("apply with stdout closed changes nothing, and says so")
  func closedOutput() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fillWithAwkwardObjects()
      let before = try await database.dump()
      let ended = try await Self.setup(database, "apply", Self.options, ">&-")
      #expect(ended.status == 1, "\(ended.output)")
      #expect(ended.stderr.contains("could not write the output"), "\(ended.output)")
      #expect(ended.stderr.contains("nothing was changed"), "\(ended.output)")
      let changed = try await database.dump().differences(from: before)
      #expect(changed == [])
    }
  }

  @Test("apply with stderr closed names the journal on stdout before the first change")
  func closedError() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fillWithAwkwardObjects()
      let ended = try await Self.setup(database, "apply", Self.options, "2>&-")
      #expect(ended.status == 0, "\(ended.output)")
      let journal = try #require(
        ended.stdout.range(of: "\nJournal: \(database.journal)\n"), "\(ended.stdout)")
      let done = try #require(ended.stdout.range(of: "\nDone: "))
      #expect(journal.lowerBound < done.lowerBound)
      let lines = try String(contentsOfFile: database.journal, encoding: .utf8).split(separator: "\n")
      #expect(lines.allSatisfy { $0.hasPrefix("{") }, "something else than records is in the journal")
    }
  }

  @Test("apply with both closed, and nobody to tell where the journal is, changes nothing")
  func bothClosed() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fillWithAwkwardObjects()
      let before = try await database.dump()
      let ended = try await Self.setup(database, "apply", Self.options, ">&- 2>&-")
      #expect(ended.status == 1)
      let changed = try await database.dump().differences(from: before)
      #expect(changed == [])
    }
  }

  @Test(
    "a reader that goes away ends no apply in the middle, and the outcome is on stderr",
    arguments: ["text", "json"])
  func readerGone(format: String) async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fill(tables: 1000)
      // The reader leaves when the first change is committed, which is after the plan was read.
      let reader = "head -c 300 >/dev/null"
      let wait = "for i in {1..2000}; do [ -s \(database.journal) ] && break; sleep 0.01; done"
      let ended = try await Self.setup(
        database, "apply", ["--iam-user", "iamuser", "--yes", "--batch-locks", "200", "--format", format],
        "2>\(database.folder)/errors > >(\(format == "text" ? reader + "; " : "")\(wait))")
      let errors = try String(contentsOfFile: "\(database.folder)/errors", encoding: .utf8)
      #expect(ended.status == 1, "\(ended.output)\(errors)")
      #expect(errors.hasPrefix("Journal: \(database.journal)\n"), "\(errors)")
      #expect(errors.contains("could not write the output"), "\(errors)")
      #expect(errors.contains("Done: "), "\(errors)")
      let rest = try await database.objectsNotOwned(by: database.ownerRole)
      #expect(rest == [])
      let revert = try await database.setup("revert", ["--yes"])
      #expect(revert.status == 0, "\(revert.output.suffix(2000))")
    }
  }

  @Test("a reader of stderr that goes away ends no apply in the middle")
  func errorReaderGone() async throws {
    try await TestDatabase.run(on: .pg15RDS) { database in
      try await database.fill(tables: 1000)
      let ended = try await Self.setup(
        database, "apply", ["--iam-user", "iamuser", "--yes", "--batch-locks", "200"],
        "2> >(head -n 1 >/dev/null)")
      #expect(ended.status == 0, "\(ended.output.suffix(2000))")
      let rest = try await database.objectsNotOwned(by: database.ownerRole)
      #expect(rest == [])
    }
  }
}
