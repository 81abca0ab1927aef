internal import AccessModel
internal import FoundationEssentials

/// What a journal says, every byte of it checked.
struct JournalContent {
  /// Oldest first.
  private(set) var records: [JournalRecord] = []
  /// How much of the file counts, and the checksum to go on from.
  private(set) var header = JournalHeader.empty
  /// Written by a version that knew no checksums.
  private(set) var isOldForm = false

  /// - Throws: `SetupProblem` with file and line when it is not a journal, or not the whole of one.
  init(_ bytes: [UInt8], path: String) throws {
    let problem = { (line: Int, what: String) in
      SetupProblem(
        .usage, "journal-damaged", "\(path.escapedForDisplay), line \(line): \(what)",
        why: "revert runs nothing that rests on a damaged file",
        fix: "restore the file from a copy; nothing was changed")
    }
    if bytes.isEmpty { return }
    if bytes.starts(with: Self.oldOpening)
      || (bytes.count < Self.oldOpening.count && Self.oldOpening.starts(with: bytes))
    {
      isOldForm = true
      try readOldForm(bytes, problem)
      return
    }
    // A kill while the file was made: nothing rests on it.
    if bytes.count < JournalHeader.byteCount, JournalHeader.empty.bytes.starts(with: bytes) { return }
    guard let header = JournalHeader(bytes.prefix(JournalHeader.byteCount)) else {
      throw problem(1, Self.notARecord)
    }
    self.header = header
    try read(bytes, problem)
  }

  /// What both forms of a journal begin with.
  static func isJournal(_ beginning: some Collection<UInt8>) -> Bool {
    [oldOpening, JournalHeader.opening].contains {
      beginning.prefix($0.count).elementsEqual($0.prefix(beginning.count))
    }
  }

  private static let oldOpening = Array(#"{"begin":{"#.utf8)
  private static let notARecord = "not a record of a setup journal"

  private mutating func read(_ bytes: [UInt8], _ problem: (Int, String) -> SetupProblem) throws {
    let decoder = JSONDecoder()
    var chain = JournalHeader.empty.chain
    var place = JournalHeader.byteCount
    var number = 2
    while place < min(header.length, bytes.count) {
      let end = bytes[place...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      guard let next = JournalSeal.chain(of: bytes[place..<end], after: chain) else {
        throw problem(
          number, end == bytes.count ? Self.cut : "the line has been changed: its checksum does not fit")
      }
      guard let record = try? decoder.decode(JournalRecord.self, from: Data(bytes[place..<end])),
        record.isSound,
        number > 2 || record.begin != nil
      else { throw problem(number, Self.notARecord) }
      records.append(record)
      (chain, place, number) = (next, end + 1, number + 1)
    }
    // The last line break alone may be missing.
    guard place == header.length, chain == header.chain else { throw problem(number, Self.cut) }
  }

  private static let cut = "the file ends here and is not whole: it has been cut shorter"

  private mutating func readOldForm(_ bytes: [UInt8], _ problem: (Int, String) -> SetupProblem) throws {
    let decoder = JSONDecoder()
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() where !line.isEmpty {
      // Cut short by a kill, before its COMMIT.
      if number == lines.count - 1 { break }
      guard let record = try? decoder.decode(JournalRecord.self, from: Data(line)), record.isSound,
        number > 0 || record.begin != nil
      else { throw problem(number + 1, Self.notARecord) }
      records.append(record)
    }
  }
}
