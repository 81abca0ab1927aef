internal import Glibc

/// A file that is read at once, whatever stands under its name: it never waits for a pipe, reads no device and no more
/// than it is meant to.
package struct RegularFile: Sendable {
  package let bytes: [UInt8]
  package let status: FileStatus

  /// Configuration files of people and tools; the largest that are known have some hundred KB.
  package static let configurationLimit = 4 << 20

  /// - Parameters:
  ///   - limit: the most bytes that are accepted.
  ///   - followsLink: whether a symbolic link at the path's end is followed.
  package static func read(
    _ path: String, limit: Int, followsLink: Bool = true
  ) throws(FileFailure) -> RegularFile {
    let flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | (followsLink ? 0 : O_NOFOLLOW)
    let descriptor = open(path, flags)
    guard descriptor >= 0 else { throw .system(errno) }
    defer { close(descriptor) }
    return try read(descriptor, limit: limit)
  }

  /// Reads an open file from its beginning.
  package static func read(_ descriptor: Int32, limit: Int) throws(FileFailure) -> RegularFile {
    let status = try FileStatus(descriptor)
    // Who wants no file at all of a kind names this one.
    if status.isNullDevice { return RegularFile(bytes: [], status: status) }
    guard status.kind == .regular else { throw .notRegular(status.kind) }
    guard status.size <= limit else { throw .tooLarge(limit: limit) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(status.size)
    while true {
      var (count, code) = (0, Int32(0))
      bytes += [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, used in
        count = pread(descriptor, buffer.baseAddress, buffer.count, off_t(bytes.count))
        code = errno
        used = max(count, 0)
      }
      if count == 0 { return RegularFile(bytes: bytes, status: status) }
      if count < 0, code != EINTR { throw .system(code) }
      guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
    }
  }

  /// The file's text, or nil when there is none.
  package static func text(
    _ path: String, limit: Int = configurationLimit
  ) throws(FileFailure) -> String? {
    let file: RegularFile
    do throws(FileFailure) {
      file = try read(path, limit: limit)
    } catch {
      if error.isMissing { return nil }
      throw error
    }
    guard let text = file.text else { throw .notText }
    return text
  }

  /// The bytes as UTF-8; nil when they are something else.
  package var text: String? { String(validating: bytes, as: UTF8.self) }
}
