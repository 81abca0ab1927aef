internal import Glibc

/// A file that is written for the user, and nothing else: a new one, or one of the user's own.
///
/// In a folder like /tmp somebody else may have put a link, a pipe or a file of the same name first. None of them is
/// written to. `/dev/stdout` and its like are the descriptors that they name.
package struct OutputFile: Sendable {
  private let descriptor: Int32
  /// Whether writing replaces what is there.
  private let isReplaced: Bool

  /// Makes the file, or opens the one that is there and leaves what it says until there is something to say instead.
  package init(_ path: String) throws(FileFailure) {
    if let number = Self.descriptorNumber(path) {
      descriptor = fcntl(number, F_DUPFD_CLOEXEC, 3)
      isReplaced = false
      guard descriptor >= 0 else { throw .system(errno) }
      return
    }
    var place = try PathWalk(path)
    defer { place.end() }
    while true {
      let name = try place.lastName()
      // Group and others get what the umask lets them have.
      let new = openat(place.folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o666)
      if new >= 0 {
        (descriptor, isReplaced) = (new, true)
        return
      }
      guard errno == EEXIST else { throw .system(errno) }
      if try place.followLink(name) { continue }
      let old = openat(place.folder, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
      guard old >= 0 else { throw .system(errno) }
      do throws(FileFailure) {
        isReplaced = try Self.check(FileStatus(old))
      } catch {
        close(old)
        throw error
      }
      // Only the opening must not wait.
      _ = fcntl(old, F_SETFL, fcntl(old, F_GETFL) & ~O_NONBLOCK)
      descriptor = old
      return
    }
  }

  /// Writes `text` as the file's whole content and closes the file.
  package func write(_ text: String) throws(FileFailure) {
    if isReplaced, ftruncate(descriptor, 0) != 0 { throw closed(errno) }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written >= 0 {
        bytes = bytes.dropFirst(written)
      } else if errno != EINTR {
        throw closed(errno)
      }
    }
    // Network file systems report a full disk here.
    guard close(descriptor) == 0 else { throw .system(errno) }
  }

  private func closed(_ code: Int32) -> FileFailure {
    close(descriptor)
    return .system(code)
  }

  /// Whether a file that exists already is replaced; a device or a pipe of ours takes what it gets.
  private static func check(_ status: FileStatus) throws(FileFailure) -> Bool {
    switch status.kind {
    case .device: return false  // nobody but root makes any
    case .pipe where status.owner == geteuid(): return false
    case .regular:
      guard status.owner == geteuid() else { throw .foreign(owner: status.owner) }
      guard status.links == 1 else { throw .hardLinked }
      return true
    default:
      throw status.owner == geteuid() ? .notRegular(status.kind) : .foreign(owner: status.owner)
    }
  }

  /// The number in a name of an open descriptor.
  private static func descriptorNumber(_ path: String) -> Int32? {
    switch path {
    case "/dev/stdout": STDOUT_FILENO
    case "/dev/stderr": STDERR_FILENO
    default:
      ["/dev/fd/", "/proc/self/fd/"].first(where: path.hasPrefix).flatMap { Int32(path.dropFirst($0.count)) }
    }
  }
}
