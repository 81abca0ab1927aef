internal import FoundationEssentials
internal import Glibc
internal import Synchronization

/// The file that remembers how things were: one JSON value a line, appended and synced before each COMMIT.
///
/// Mode 0600, and locked (`flock`) for as long as it is open. A last line that a kill cut short belongs to a
/// transaction that never reached COMMIT, and is removed on opening.
public final class Journal: Sendable {
  public let path: String
  private let descriptor: Int32

  private init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Opens a journal for appending, creating it.
  ///
  /// - Throws: `SetupProblem` when it cannot be opened, or another process has it open.
  public static func open(_ path: String) throws -> Journal {
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw problem("open", path) }
    let journal = Journal(path: path, descriptor: descriptor)
    try journal.checkIsJournal()
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw SetupProblem(
        .refused, "journal-in-use", "journal \(path) is open in another process",
        fix: "wait until the other setup has ended, or name another file with --journal")
    }
    _ = fchmod(descriptor, 0o600)
    try journal.removeTornLine()
    try journal.syncFolder()
    return journal
  }

  /// The records of a journal, oldest first.
  ///
  /// - Throws: `SetupProblem` with file and line when it is not a journal.
  static func records(_ path: String) throws -> [JournalRecord] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw SetupProblem(
        .usage, "journal-unreadable",
        "cannot read journal \(path): \(Self.reason(path))",
        fix: "name the journal that apply wrote: --journal FILE")
    }
    var records: [JournalRecord] = []
    let decoder = JSONDecoder()
    let lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() where !line.isEmpty {
      do {
        let record = try decoder.decode(JournalRecord.self, from: line)
        let parts = [record.begin != nil, record.batch != nil, record.reverted != nil]
        guard parts.filter({ $0 }).count == 1, number > 0 || record.begin != nil else {
          throw DamagedRecord()
        }
        records.append(record)
      } catch {
        // Cut short by a kill, before its COMMIT.
        if number == lines.count - 1, number > 0 || line.starts(with: opening.prefix(line.count)) { break }
        throw SetupProblem(
          .usage, "journal-damaged", "\(path), line \(number + 1): not a record of a setup journal",
          fix: "restore the file from a copy; nothing was changed")
      }
    }
    return records
  }

  private static func reason(_ path: String) -> String {
    var facts = stat()
    guard stat(path, &facts) == 0 else { return String(cString: strerror(errno)) }
    return facts.st_mode & S_IFMT == S_IFDIR ? "it is a folder" : "no permission"
  }

  private struct DamagedRecord: Error {}

  func records() throws -> [JournalRecord] { try Self.records(path) }

  /// Appends a record and waits until the disk has it.
  ///
  /// - Throws: `SetupProblem` when it does not fit; the caller rolls back.
  func append(_ record: JournalRecord) throws {
    let line = try Self.line(record)
    var written = 0
    while written < line.count {
      let count = line[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw Self.problem("write", path)
      }
      written += count
    }
    // EINVAL: a device or a pipe, which has nothing to sync.
    guard fsync(descriptor) == 0 || errno == EINVAL else { throw Self.problem("sync", path) }
  }

  private static func line(_ record: JournalRecord) throws -> [UInt8] {
    do {
      if let batch = record.batch { return try JournalLine(batch).bytes }
      let encoder = JSONEncoder()
      encoder.outputFormatting = .withoutEscapingSlashes
      return Array(try encoder.encode(record)) + [UInt8(ascii: "\n")]
    } catch {
      throw SetupProblem(.refused, "journal-unwritable", "cannot encode a journal record: \(error)")
    }
  }

  /// A file that is something else must be neither cut nor written to.
  private func checkIsJournal() throws {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG else {
      throw SetupProblem(
        .usage, "journal-not-a-file", "journal \(path) is not a regular file",
        fix: "name a file of its own with --journal")
    }
    var beginning = [UInt8](repeating: 0, count: Self.opening.count)
    let count = max(0, pread(descriptor, &beginning, beginning.count, 0))
    guard beginning[..<count].elementsEqual(Self.opening.prefix(count)) else {
      throw SetupProblem(
        .usage, "journal-foreign", "\(path) is not a setup journal, and was left as it is",
        fix: "name a file of its own with --journal")
    }
  }

  /// What every journal begins with.
  private static let opening = Array(#"{"begin":{"#.utf8)

  private func removeTornLine() throws {
    let size = lseek(descriptor, 0, SEEK_END)
    guard size > 0 else { return }
    var end = size
    var byte: UInt8 = 0
    while end > 0, pread(descriptor, &byte, 1, end - 1) == 1, byte != UInt8(ascii: "\n") { end -= 1 }
    if end < size {
      guard ftruncate(descriptor, end) == 0 else { throw Self.problem("truncate", path) }
    }
  }

  /// A new file survives a crash only when its folder has been synced too.
  private func syncFolder() throws {
    let folder = path.contains("/") ? String(path[..<path.lastIndex(of: "/")!]) : "."
    let directory = Glibc.open(folder.isEmpty ? "/" : folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return }
    defer { close(directory) }
    _ = fsync(directory)
  }

  private static func problem(_ verb: String, _ path: String) -> SetupProblem {
    let reason = String(cString: strerror(errno))
    return SetupProblem(
      .refused, "journal-unwritable", "cannot \(verb) journal \(path): \(reason)",
      why: "setup commits nothing that it could not undo",
      fix: "free some space or name another file with --journal")
  }
}
