internal import Glibc

/// The way along a path, folder by folder, that follows no link which somebody else may have planted.
///
/// The rule is Linux's own for folders like /tmp (`fs.protected_symlinks`, https://docs.kernel.org/admin-guide/sysctl/fs.html),
/// which a system may have switched off, for every folder: a link is followed when it belongs to this user, to root, or to
/// the owner of a folder that nobody else may write to.
struct PathWalk {
  /// The folder that the last name is looked up in.
  private(set) var folder: Int32
  private var remaining: ArraySlice<Substring>
  /// O_PATH, which Glibc's headers hide: a descriptor that only names a place.
  private static let pathOnly: Int32 = 0o10_000_000
  private var linksLeft = 40  // Linux's own limit

  init(_ path: String) throws(FileFailure) {
    guard !path.isEmpty else { throw .system(ENOENT) }
    remaining = Self.names(path)
    folder = try Self.start(path)
  }

  mutating func end() {
    close(folder)
    folder = -1
  }

  /// Goes down to the last folder and returns the name in it.
  mutating func lastName() throws(FileFailure) -> String {
    while remaining.count > 1, let name = remaining.first.map(String.init) {
      if try followLink(name) { continue }
      let next = openat(folder, name, Self.pathOnly | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard next >= 0 else { throw .system(errno) }
      close(folder)
      folder = next
      remaining.removeFirst()
    }
    guard let name = remaining.first, !name.isEmpty else { throw .system(EISDIR) }
    return String(name)
  }

  /// Puts where a link leads in its place; false when the next name is no link.
  mutating func followLink(_ name: String) throws(FileFailure) -> Bool {
    let link = openat(folder, name, Self.pathOnly | O_NOFOLLOW | O_CLOEXEC)
    guard link >= 0 else { throw .system(errno) }
    defer { close(link) }
    let status = try FileStatus(link)
    guard status.kind == .link else { return false }
    let owner = try FileStatus(folder)
    guard status.belongsToUsOrRoot || (status.owner == owner.owner && !owner.othersMayWrite) else {
      throw .untrustedLink(name: name, owner: status.owner)
    }
    linksLeft -= 1
    guard linksLeft >= 0 else { throw .system(ELOOP) }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = readlinkat(link, "", &buffer, buffer.count)
    guard length > 0 else { throw .system(errno) }
    let target = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    remaining = Self.names(target) + remaining.dropFirst()
    if target.hasPrefix("/") {
      let root = try Self.start(target)
      close(folder)
      folder = root
    }
    return true
  }

  private static func start(_ path: String) throws(FileFailure) -> Int32 {
    let descriptor = open(path.hasPrefix("/") ? "/" : ".", Self.pathOnly | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .system(errno) }
    return descriptor
  }

  /// The names of a path; one that ends in a slash has an empty last one.
  private static func names(_ path: String) -> ArraySlice<Substring> {
    let names = path.split(separator: "/", omittingEmptySubsequences: true)
    return (path.hasSuffix("/") ? names + [""] : names)[...]
  }
}
