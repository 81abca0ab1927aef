import FoundationEssentials
import Glibc
import Testing

@testable import Provisioning

@Suite("Journal")
struct JournalTests {
  private let path = FileManager.default.temporaryDirectory.appending(path: "journal-\(UUID().uuidString)")
    .path

  private func batch(_ transaction: String) -> JournalRecord {
    JournalRecord(
      batch: .init(
        database: "app", transaction: transaction,
        changes: [JournaledChange(undo: .dropRole, object: "iamuser", role: "iamuser", roleOID: 16401)]))
  }

  private let begin = JournalRecord(
    begin: .init(
      tool: "1", host: "h", port: 5432, systemIdentifier: "7001", database: "app", databaseOID: 16400,
      iamUser: "iamuser", rdsIAMRole: "rds_iam", iamMembersBefore: []))

  private func append(raw text: String) throws {
    let handle = try #require(FileManager.default.contents(atPath: path))
    try (handle + Data(text.utf8)).write(to: URL(filePath: path))
  }

  @Test("what was appended is read back, from a file only its owner may read")
  func roundTrip() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let journal = try Journal.open(path)
    try journal.append(begin)
    try journal.append(batch("1"))
    try journal.append(batch("2"))
    #expect(try journal.records().compactMap(\.batch?.transaction) == ["1", "2"])
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
  }

  @Test("a record of a transaction is read back whole, whatever the names in it")
  func everyField() throws {
    let awkward = "a \"quoted\" \\ name,\nwith a tab\t, \u{1}, \u{7F}, \u{2028} and \u{1F418}"
    let batch = JournalRecord.Batch(
      database: awkward, transaction: "1",
      changes: [
        JournaledChange(
          undo: .owner, object: awkward, catalog: .relation, oid: .max, from: awkward, to: awkward,
          definition: awkward,
          access: FormerAccess(
            acl: awkward, columns: [awkward: awkward, "b": "c"], sequences: ["16384": "{}"]),
          privileges: awkward),
        JournaledChange(undo: .access, object: "t", catalog: .type, oid: 1, access: FormerAccess()),
        JournaledChange(undo: .revokeRole, object: "m", role: awkward, member: awkward),
        JournaledChange(
          undo: .defaultPrivilege, object: "d",
          privilege: JournaledPrivilege(
            owner: awkward, schema: awkward, objects: "TABLES", privilege: "SELECT", grantee: nil,
            grantable: true)),
      ])
    let line = Data(try JournalLine(batch).bytes)
    #expect(!line.contains(UInt8(ascii: "\n")))
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let expected = try encoder.encode(JournalRecord(batch: batch))
    #expect(try encoder.encode(JSONDecoder().decode(JournalRecord.self, from: line)) == expected)
  }

  @Test("every field of a change is either written by hand or known never to be there")
  func knownFields() {
    let fields = { (value: Any) in Set(Mirror(reflecting: value).children.compactMap(\.label)) }
    #expect(
      fields(JournaledChange(undo: .owner, object: "t"))
        == JournalLine.fields.union(JournalLine.otherFields))
    #expect(fields(FormerAccess()) == JournalLine.accessFields)
  }

  /// The journal again. A process that another test starts at this moment holds every open file until it has become its
  /// program, the lock of the one just closed as well.
  private func reopened() throws -> Journal {
    let limit = ContinuousClock.now + .seconds(5)
    while true {
      do {
        return try Journal.open(path)
      } catch let problem as SetupProblem where problem.id == "journal-in-use" && ContinuousClock.now < limit
      {
        sched_yield()
      }
    }
  }

  @Test("a last line cut short by a kill is dropped, and appending goes on after it")
  func torn() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    do {
      let journal = try Journal.open(path)
      try journal.append(begin)
      try journal.append(batch("1"))
    }
    try append(raw: #"{"batch":{"database":"app","trans"#)
    #expect(try Journal.records(path).count == 2)
    try reopened().append(batch("2"))
    #expect(try Journal.records(path).compactMap(\.batch?.transaction) == ["1", "2"])
  }

  @Test("two processes cannot write one journal")
  func locked() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let first = try Journal.open(path)
    let problem = #expect(throws: SetupProblem.self) { try Journal.open(path) }
    #expect(problem?.id == "journal-in-use")
    _ = first
  }

  @Test("a file that is something else is neither cut nor written to")
  func foreignFile() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    for content in ["my only copy, without a line break", #"{"name":"x"}"# + "\n", #"{"beg"#] {
      try Data(content.utf8).write(to: URL(filePath: path))
      if content.hasSuffix("beg") {
        _ = try Journal.open(path)  // a journal whose first line a kill cut short
        #expect(try Journal.records(path).isEmpty)
      } else {
        let problem = #expect(throws: SetupProblem.self) { try Journal.open(path) }
        #expect(problem?.id == "journal-foreign")
        #expect(FileManager.default.contents(atPath: path) == Data(content.utf8))
      }
    }
    #expect(throws: SetupProblem.self) { try Journal.open("/dev/full") }
  }

  @Test("a journal of another database or server is not used")
  func foreign() throws {
    var server = ServerFacts()
    server.database = "app"
    server.databaseOID = 16400
    server.systemIdentifier = "7001"
    func begin(_ database: String, _ oid: UInt32, _ system: String?) -> JournalRecord {
      JournalRecord(
        begin: .init(
          tool: "1", host: "h", port: 5432, systemIdentifier: system, database: database, databaseOID: oid,
          iamUser: "iamuser", rdsIAMRole: "rds_iam", iamMembersBefore: []))
    }
    try JournalIdentity.check([begin("app", 16400, "7001")], server, path: path)
    try JournalIdentity.check([begin("app", 16400, nil)], server, path: path)
    // It has been renamed.
    try JournalIdentity.check([begin("shop", 16400, "7001")], server, path: path)
    for other in [begin("app", 16400, "7002"), begin("app", 16401, "7001"), begin("shop", 16400, nil)] {
      #expect(throws: SetupProblem.self) { try JournalIdentity.check([other], server, path: path) }
    }
  }

  @Test("what another cluster's record says of a database of the same name does not matter")
  func appendedElsewhere() throws {
    var server = ServerFacts()
    (server.database, server.databaseOID, server.systemIdentifier) = ("app", 16400, "7001")
    var other = begin
    other.begin?.systemIdentifier = "7002"
    let all = [begin, batch("1"), other, batch("2"), begin, batch("3")]
    try JournalIdentity.check(all, server, path: path)
    let own = JournalIdentity.ofCluster(all, server)
    #expect(own.compactMap(\.begin?.systemIdentifier) == ["7001", "7001"])
    #expect(own.compactMap(\.batch?.transaction) == ["1", "3"])
  }
}
