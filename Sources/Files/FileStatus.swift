internal import Glibc

/// What the system says of an open file.
package struct FileStatus: Sendable, Hashable {
  package let kind: FileKind
  package let owner: UInt32
  /// The bits of chmod(2).
  package let permissions: UInt32
  package let size: Int
  package let isNullDevice: Bool
  let links: Int

  package init(_ descriptor: Int32) throws(FileFailure) {
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else { throw .system(errno) }
    self.init(facts)
  }

  /// The status of what a path names; of a link itself, unless it is followed.
  package init(path: String, followsLink: Bool) throws(FileFailure) {
    var facts = stat()
    let result = followsLink ? stat(path, &facts) : lstat(path, &facts)
    guard result == 0 else { throw .system(errno) }
    self.init(facts)
  }

  init(_ facts: stat) {
    kind = FileKind(mode: facts.st_mode)
    owner = facts.st_uid
    permissions = facts.st_mode & 0o7777
    size = Int(facts.st_size)
    links = Int(facts.st_nlink)
    // Major 1, minor 3: https://docs.kernel.org/admin-guide/devices.html
    isNullDevice = kind == .device && facts.st_mode & S_IFMT == S_IFCHR && facts.st_rdev == 1 << 8 | 3
  }

  /// Whether it belongs to the user that this process acts for, or to root, who may do everything anyway.
  package var belongsToUsOrRoot: Bool { owner == geteuid() || owner == 0 }

  /// Whether its group or everybody may write to it.
  package var othersMayWrite: Bool { permissions & 0o022 != 0 }

  /// Whether everybody may write to it.
  package var everybodyMayWrite: Bool { permissions & 0o002 != 0 }

  /// Whether only the owner of a file in this folder may rename or remove it.
  package var isSticky: Bool { permissions & 0o1000 != 0 }
}
