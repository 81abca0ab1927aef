internal import AccessModel
internal import Files
internal import FoundationEssentials
internal import Glibc
internal import Synchronization

/// The file that remembers how things were: one JSON value a line, appended and synced before each COMMIT.
///
/// Mode 0600, and locked (`flock`) for as long as it is open. Each line has a checksum, and the first line says how much
/// counts: what a kill cut short belongs to a transaction that never reached COMMIT, and is removed on opening.
public final class Journal: Sendable {
  public let path: String
  private let descriptor: Int32
  /// How much of the file counts by now.
  private let header: Mutex<JournalHeader>

  private init(path: String, descriptor: Int32, header: JournalHeader) {
    self.path = path
    self.descriptor = descriptor
    self.header = Mutex(header)
  }

  deinit { close(descriptor) }

  /// Opens a journal for appending, creating it.
  ///
  /// - Throws: `SetupProblem` when it cannot be opened, is no journal of ours, or another process has it open.
  public static func open(_ path: String) throws -> Journal {
    let descriptor = try openOrCreate(path)
    var isHandedOver = false
    defer { if !isHandedOver { close(descriptor) } }
    try JournalPlace.check(descriptor, path)
    try checkBeginning(descriptor, path)
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw SetupProblem(
        .refused, "journal-in-use", "journal \(path.escapedForDisplay) is open in another process",
        fix: "wait until the other setup has ended, or name another file with --journal")
    }
    let content = try JournalContent(JournalPlace.read(descriptor, path), path: path)
    let journal = Journal(path: path, descriptor: descriptor, header: content.header)
    isHandedOver = true
    guard fchmod(descriptor, 0o600) == 0 else { throw problem("protect", path) }
    if content.isOldForm {
      try journal.rewrite(content.records)
    } else {
      try journal.removeUnfinished(content)
    }
    try journal.syncFolder()
    return journal
  }

  /// The records of a journal, oldest first.
  ///
  /// - Throws: `SetupProblem` with file and line when it is not a journal, or belongs to somebody else.
  static func records(_ path: String) throws -> [JournalRecord] {
    try JournalContent(JournalPlace.read(path), path: path).records
  }

  func records() throws -> [JournalRecord] { try Self.records(path) }

  /// Appends a record and waits until the disk has it.
  ///
  /// - Throws: `SetupProblem` when it does not fit; the caller rolls back.
  func append(_ record: JournalRecord) throws {
    let object = try Self.object(record)
    try header.withLock { header in
      let (line, chain) = JournalSeal.sealed(object, after: header.chain)
      try write(line, at: header.length)
      // The record first: the first line may not promise what a power failure takes away.
      try sync()
      let longer = JournalHeader(length: header.length + line.count, chain: chain)
      try write(longer.bytes, at: 0)
      try sync()
      header = longer
    }
  }

  /// A file that is something else must be neither cut nor written to.
  private static func checkBeginning(_ descriptor: Int32, _ path: String) throws {
    var beginning = [UInt8](repeating: 0, count: JournalHeader.opening.count)
    let count = max(0, pread(descriptor, &beginning, beginning.count, 0))
    guard JournalContent.isJournal(beginning[..<count]) else {
      throw SetupProblem(
        .usage, "journal-foreign", "\(path.escapedForDisplay) is not a setup journal, and was left as it is",
        fix: "name a file of its own with --journal")
    }
  }

  private static func openOrCreate(_ path: String) throws -> Int32 {
    let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
    while true {
      let old = Glibc.open(path, flags)
      if old >= 0 { return old }
      if errno == ELOOP { throw JournalPlace.notAFile(path) }
      guard errno == ENOENT else { throw problem("open", path) }
      let new = Glibc.open(path, flags | O_CREAT | O_EXCL, 0o600)
      if new >= 0 { return new }
      // Somebody else was faster; a dangling link is there and is not.
      guard errno == EEXIST, access(path, F_OK) == 0 else { throw problem("open", path) }
    }
  }

  private static func object(_ record: JournalRecord) throws -> [UInt8] {
    do {
      if let batch = record.batch { return try JournalLine(batch).bytes }
      let encoder = JSONEncoder()
      encoder.outputFormatting = .withoutEscapingSlashes
      return Array(try encoder.encode(record))
    } catch {
      throw SetupProblem(.refused, "journal-unwritable", "cannot encode a journal record: \(error)")
    }
  }

  /// Gives records without checksums theirs, in a new file that takes the old one's place when it is whole.
  private func rewrite(_ records: [JournalRecord]) throws {
    var bytes: [UInt8] = []
    var chain = JournalHeader.empty.chain
    for record in records {
      let sealed = JournalSeal.sealed(try Self.object(record), after: chain)
      bytes += sealed.line
      chain = sealed.chain
    }
    let longer = JournalHeader(length: JournalHeader.byteCount + bytes.count, chain: chain)
    let scratch = try Journal.create("\(path).new")
    defer { unlink(scratch.path) }
    try scratch.write(longer.bytes + bytes, at: 0)
    try scratch.sync()
    guard rename(scratch.path, path) == 0, dup2(scratch.descriptor, descriptor) >= 0,
      fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
    else { throw Self.problem("replace", path) }
    header.withLock { $0 = longer }
  }

  /// Cuts what stands after the last record that counts, and gives a new file its first line.
  private func removeUnfinished(_ content: JournalContent) throws {
    let isNew = content.records.isEmpty
    guard ftruncate(descriptor, isNew ? 0 : off_t(content.header.length)) == 0 else {
      throw Self.problem("truncate", path)
    }
    if isNew {
      try write(JournalHeader.empty.bytes, at: 0)
    } else {
      // It alone may be missing.
      try write([UInt8(ascii: "\n")], at: content.header.length - 1)
    }
    try sync()
  }

  private static func create(_ path: String) throws -> Journal {
    unlink(path)
    let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else { throw problem("make", path) }
    return Journal(path: path, descriptor: descriptor, header: .empty)
  }

  private func write(_ bytes: [UInt8], at place: Int) throws {
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress, $0.count, off_t(place + written))
      }
      if count < 0 {
        if errno == EINTR { continue }
        throw Self.problem("write", path)
      }
      written += count
    }
  }

  private func sync() throws {
    guard fdatasync(descriptor) == 0 else { throw Self.problem("sync", path) }
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
      .refused, "journal-unwritable", "cannot \(verb) journal \(path.escapedForDisplay): \(reason)",
      why: "setup commits nothing that it could not undo",
      fix: "free some space or name another file with --journal")
  }
}
