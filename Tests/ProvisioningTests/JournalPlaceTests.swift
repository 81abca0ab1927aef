import FoundationEssentials
import Glibc
import Testing

@testable import Provisioning

@Suite("Who can write a journal decides what setup does")
struct JournalPlaceTests {
  /// Somebody who is neither this user nor root; only root can give files away.
  private static let stranger: uid_t = 65_534
  private static let record = JournalRecord(
    begin: .init(
      tool: "1", host: "h", port: 5432, systemIdentifier: "7001", database: "app", databaseOID: 16400,
      iamUser: "iamuser", rdsIAMRole: "rds_iam", iamMembersBefore: []))

  /// A journal in a folder of its own with this mode.
  private func withJournal(folder mode: mode_t, _ body: (_ path: String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "place-\(UUID().uuidString)").path
    #expect(mkdir(folder, 0o700) == 0)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Journal.open(folder + "/some.journal").append(Self.record)
    #expect(chmod(folder, mode) == 0)
    try body(folder + "/some.journal")
  }

  /// That neither reading nor opening follows it, and neither changes it.
  private func expectRefusal(_ id: String, of path: String) throws {
    let before = FileManager.default.contents(atPath: path)
    #expect { try Journal.records(path) } throws: { ($0 as? SetupProblem)?.id == id }
    #expect { try Journal.open(path) } throws: { ($0 as? SetupProblem)?.id == id }
    #expect(FileManager.default.contents(atPath: path) == before)
  }

  @Test(
    "one that its group or everybody may write is not followed, whatever its folder's mode",
    arguments: [mode_t(0o620), 0o602, 0o666, 0o660], [mode_t(0o700), 0o770, 0o777, 0o1777])
  func open(mode: mode_t, folder: mode_t) throws {
    try withJournal(folder: folder) { path in
      #expect(chmod(path, mode) == 0)
      try expectRefusal("journal-open-to-others", of: path)
      #expect(chmod(path, 0o600) == 0)
      #expect(try Journal.records(path).count == 1)
    }
  }

  @Test(
    "somebody else's is not followed, whatever its folder's mode", .enabled(if: geteuid() == 0),
    arguments: [mode_t(0o700), 0o770, 0o777, 0o1777])
  func foreign(folder: mode_t) throws {
    try withJournal(folder: folder) { path in
      #expect(chown(path, Self.stranger, Self.stranger) == 0)
      try expectRefusal("journal-of-another-user", of: path)
      #expect(chmod(path, 0o666) == 0)
      try expectRefusal("journal-of-another-user", of: path)
    }
  }

  @Test("a link is followed neither to read nor to write, whoever made it")
  func link() throws {
    try withJournal(folder: 0o777) { path in
      let link = path + ".link"
      #expect(symlink(path, link) == 0)
      try expectRefusal("journal-not-a-file", of: link)
      #expect(unlink(link) == 0)
      #expect(symlink(path + ".new", link) == 0)
      try expectRefusal("journal-not-a-file", of: link)
      #expect(access(path + ".new", F_OK) != 0)
    }
  }
}
