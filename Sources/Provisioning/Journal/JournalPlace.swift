internal import AccessModel
internal import Files
internal import Glibc

/// The file that a journal is: regular, ours, and for nobody else to write.
enum JournalPlace {
  /// A move of a million objects takes some 200 MB.
  private static let sizeLimit = 1 << 30

  /// A journal's bytes.
  ///
  /// - Throws: `SetupProblem` when it cannot be read, is no regular file, or others may have written it.
  static func read(_ path: String) throws -> [UInt8] {
    let file: RegularFile
    do throws(FileFailure) {
      file = try RegularFile.read(path, limit: sizeLimit, followsLink: false)
    } catch {
      throw unreadable(path, error)
    }
    try check(file.status, path)
    return file.bytes
  }

  static func read(_ descriptor: Int32, _ path: String) throws -> [UInt8] {
    do throws(FileFailure) {
      return try RegularFile.read(descriptor, limit: sizeLimit).bytes
    } catch {
      throw unreadable(path, error)
    }
  }

  /// - Throws: `SetupProblem` when it is no regular file, somebody else's, or others may write it.
  static func check(_ descriptor: Int32, _ path: String) throws {
    let status: FileStatus
    do throws(FileFailure) { status = try FileStatus(descriptor) } catch { throw unreadable(path, error) }
    try check(status, path)
  }

  private static func check(_ status: FileStatus, _ path: String) throws {
    let name = path.escapedForDisplay
    guard status.kind == .regular else { throw notAFile(path) }
    let why = "who can write a journal decides what setup does in your name"
    guard status.belongsToUsOrRoot else {
      throw SetupProblem(
        .usage, "journal-of-another-user", "journal \(name) belongs to another user (uid \(status.owner))",
        why: why,
        fix: "run setup as that user, or name a journal of your own with --journal; nothing was changed")
    }
    guard !status.othersMayWrite else {
      let mode = String(status.permissions, radix: 8)
      throw SetupProblem(
        .usage, "journal-open-to-others",
        "journal \(name) can be written by others than its owner (mode \(mode))",
        why: why, fix: "if nobody has changed it: chmod 600 \(name); nothing was changed")
    }
  }

  /// What stands there instead: a link, which anybody may have planted, a pipe or a device.
  static func notAFile(_ path: String) -> SetupProblem {
    SetupProblem(
      .usage, "journal-not-a-file", "journal \(path.escapedForDisplay) is not a regular file",
      fix: "name a file of its own with --journal")
  }

  private static func unreadable(_ path: String, _ failure: FileFailure) -> SetupProblem {
    // open(2) says so of a link that is not followed.
    if failure == .system(ELOOP) { return notAFile(path) }
    return SetupProblem(
      .usage, "journal-unreadable", "cannot read journal \(path.escapedForDisplay): \(failure)",
      fix: "name the journal that apply wrote: --journal FILE")
  }
}
