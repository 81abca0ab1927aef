import FoundationEssentials
import Glibc
import Testing

@testable import Provisioning

@Suite("A journal that is not what it was")
struct JournalDamageTests {
  /// A journal as an apply, interrupted and gone on with, leaves it.
  private static let sound: [UInt8] = {
    let path = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path
    defer { unlink(path) }
    do {
      let journal = try Journal.open(path)
      for record in records { try journal.append(record) }
      return Array(FileManager.default.contents(atPath: path) ?? Data())
    } catch {
      Issue.record(error)
      return []
    }
  }()

  private static func begin(_ database: String, oid: UInt32 = 16400) -> JournalRecord {
    JournalRecord(
      begin: .init(
        tool: "1", host: "h", port: 5432, systemIdentifier: "7001", database: database, databaseOID: oid,
        iamUser: "iamuser", rdsIAMRole: "rds_iam", iamMembersBefore: ["other"]))
  }

  private static func batch(_ number: Int) -> JournalRecord {
    JournalRecord(
      batch: .init(
        database: "app", transaction: "\(number)",
        changes: [
          JournaledChange(
            undo: .owner, object: "public.t\(number)", catalog: .relation, oid: 16384 + UInt32(number),
            from: "old", to: "new",
            access: FormerAccess(acl: "{old=arwdDxt/old,=r/old}", columns: ["c": "{\"x y=r/old\"}"]))
        ]))
  }

  private static let records = [begin("app"), batch(1), batch(2), begin("app"), batch(3)]

  private func lineNumber(of place: Int) -> Int {
    Self.sound[..<place].count { $0 == UInt8(ascii: "\n") } + 1
  }

  /// Reads a journal and returns the problem that it has; nil when there is none.
  private func problem(_ bytes: [UInt8]) -> SetupProblem? {
    do {
      _ = try JournalContent(bytes, path: "some.journal")
      return nil
    } catch {
      return error as? SetupProblem
    }
  }

  @Test("is read as it is while it is sound")
  func sound() throws {
    let content = try JournalContent(Self.sound, path: "some.journal")
    #expect(content.records.count == Self.records.count)
    #expect(content.header.length == Self.sound.count)
  }

  @Test("by one bit, anywhere, is refused with file and line")
  func flipped() {
    for place in Self.sound.indices {
      // Without its line break, a line is one with the next.
      let line = lineNumber(of: place)
      for bit in UInt8(0)..<8 {
        var bytes = Self.sound
        bytes[place] ^= 1 << bit
        let found = problem(bytes)
        let isTold =
          found?.id == "journal-damaged" && found?.message.contains("some.journal, line \(line):") == true
        #expect(isTold, "byte \(place), bit \(bit): \(found?.message ?? "read")")
      }
    }
  }

  @Test("because it was cut shorter, anywhere, is refused or has no record at all")
  func cut() throws {
    for length in Self.sound.indices {
      let content = try? JournalContent(Array(Self.sound[..<length]), path: "some.journal")
      if length == Self.sound.count - 1 {
        #expect(content?.records.count == Self.records.count, "the last line break alone")
      } else {
        #expect(content?.records.isEmpty ?? true, "\(length) bytes")
      }
    }
    let halved = try #require(problem(Array(Self.sound[..<(Self.sound.count / 2)])))
    #expect(halved.message.contains("has been cut shorter"), "\(halved.message)")
  }

  @Test("because lines were left out, repeated or exchanged is refused")
  func rearranged() throws {
    let lines = Self.sound.split(separator: UInt8(ascii: "\n")).map { Array($0) + [UInt8(ascii: "\n")] }
    for other in [
      [0, 1, 3, 4, 5], [0, 1, 2, 2, 3, 4, 5], [0, 1, 3, 2, 4, 5], [0, 2, 3, 4, 5], [0, 4, 5],
    ] {
      #expect(problem(other.flatMap { lines[$0] })?.id == "journal-damaged", "\(other)")
    }
  }

  @Test("because somebody appended to it restores what it did before")
  func appended() throws {
    let foreign = #"{"begin":{"database":"app"}}"# + "\n"
    let content = try JournalContent(Self.sound + Array(foreign.utf8), path: "some.journal")
    #expect(content.records.count == Self.records.count)
    #expect(content.header.length == Self.sound.count)
  }

  @Test("by hand, with values that setup never writes, is refused although its checksums are right")
  func forged() throws {
    var number = Self.batch(1)
    number.batch?.transaction = "1; DROP TABLE t"
    var access = Self.batch(1)
    access.batch?.changes[0].access?.acl = "{old=r/old}'; DROP TABLE t; --"
    var nothing = Self.batch(1)
    nothing.batch?.changes[0].oid = nil
    for forged in [number, access, nothing] {
      let path = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path
      defer { unlink(path) }
      do {
        let journal = try Journal.open(path)
        try journal.append(Self.begin("app"))
        try journal.append(forged)
      }
      let problem = #expect(throws: SetupProblem.self) { try Journal.records(path) }
      #expect(problem?.message.contains("line 3: not a record of a setup journal") == true)
    }
  }

  @Test("because an earlier version wrote it is read, and gets its checksums with the next record")
  func oldForm() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)").path
    defer { unlink(path) }
    var old: [UInt8] = []
    for record in Self.records { old += try JSONEncoder().encode(record) + [UInt8(ascii: "\n")] }
    try Data(old + Array(#"{"batch":{"data"#.utf8)).write(to: URL(filePath: path))
    #expect(chmod(path, 0o600) == 0)
    #expect(try Journal.records(path).count == Self.records.count)
    do {
      let journal = try Journal.open(path)
      try journal.append(Self.batch(4))
    }
    let content = try JournalContent(Array(FileManager.default.contents(atPath: path) ?? Data()), path: path)
    #expect(content.records.count == Self.records.count + 1)
    #expect(!content.isOldForm)
    #expect(access("\(path).new", F_OK) != 0)
  }
}
