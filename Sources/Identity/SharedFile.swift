public import AccessModel
internal import Glibc

/// One of the shared files: where it is, and its text.
struct SharedFile: Sendable {
  /// The path as a person would write it; `~` is not expanded.
  let path: String
  private let expanded: String

  /// - Parameters:
  ///   - variable: the environment variable that overrides the path.
  ///   - standard: the path otherwise.
  init(variable: String, standard: String, environment: Environment) {
    path = environment[variable] ?? standard
    if path.hasPrefix("~/"), let home = Self.home(environment) {
      expanded = home + path.dropFirst(1)
    } else {
      expanded = path
    }
  }

  /// The file's text, or nil when there is no such file.
  ///
  /// - Throws: ``SharedFileError`` when it is there and cannot be read, or is not UTF-8.
  func text() throws(SharedFileError) -> String? {
    guard let file = fopen(expanded, "re") else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw SharedFileError(path: path, reason: String(cString: strerror(errno)))
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      bytes += buffer[..<count]
      if count < buffer.count { break }
    }
    if ferror(file) != 0 {
      throw SharedFileError(path: path, reason: String(cString: strerror(errno)))
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw SharedFileError(path: path, reason: "it is not UTF-8 text")
    }
    return text
  }

  private static func home(_ environment: Environment) -> String? {
    if let home = environment["HOME"] { return home }
    guard let entry = getpwuid(getuid()) else { return nil }
    return String(cString: entry.pointee.pw_dir)
  }
}

/// A shared file that is there and cannot be read.
public struct SharedFileError: ConfigurationError, Hashable {
  public let path: String
  public let reason: String

  public var description: String { "could not read \(path): \(reason)" }
}
