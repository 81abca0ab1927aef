internal import Glibc

/// Why a file was not read or written.
package enum FileFailure: Error, Hashable, CustomStringConvertible {
  /// An `errno`.
  case system(Int32)
  /// A folder, pipe, device or socket where a file is needed.
  case notRegular(FileKind)
  case tooLarge(limit: Int)
  case notText
  /// Somebody else's file stands where ours is to be.
  case foreign(owner: UInt32)
  /// It has another name as well, by which it may be something else.
  case hardLinked
  /// A link on the way that somebody else may have planted.
  case untrustedLink(name: String, owner: UInt32)

  /// There is no such file.
  package var isMissing: Bool { self == .system(ENOENT) || self == .system(ENOTDIR) }

  package var description: String {
    switch self {
    case .system(let code): String(cString: strerror(code))
    case .notRegular(let kind): "it is \(kind.rawValue), not a regular file"
    case .tooLarge(let limit): "it has more than \(limit >> 20) MB"
    case .notText: "it is not UTF-8 text"
    case .foreign(let owner):
      "it belongs to another user (uid \(owner)); remove it, or name another file"
    case .hardLinked: "it has a second name (a hard link); remove it, or name another file"
    case .untrustedLink(_, let owner):
      "a symbolic link on the way belongs to another user (uid \(owner)); name the file without it"
    }
  }
}

/// What a name in a folder leads to.
package enum FileKind: String, Sendable, Hashable {
  case regular = "a regular file"
  case folder = "a folder"
  case pipe = "a named pipe"
  case device = "a device"
  case socket = "a socket"
  case link = "a symbolic link"

  init(mode: mode_t) {
    self =
      switch mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .folder
      case S_IFIFO: .pipe
      case S_IFSOCK: .socket
      case S_IFLNK: .link
      default: .device
      }
  }
}
