public import AccessModel
internal import Glibc

/// Reads small text files whole.
enum TextFile {
  /// The file's text, or nil when there is none.
  ///
  /// - Throws: ``UnreadableFile`` when it is there and cannot be read, or is not UTF-8.
  static func read(_ path: String) throws(UnreadableFile) -> String? {
    guard let file = fopen(path, "re") else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw UnreadableFile(path: path, reason: String(cString: strerror(errno)))
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      bytes += buffer[..<count]
      if count < buffer.count { break }
    }
    if ferror(file) != 0 { throw UnreadableFile(path: path, reason: String(cString: strerror(errno))) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw UnreadableFile(path: path, reason: "it is not UTF-8 text")
    }
    return text
  }

  /// The file's lines with their numbers, counted from 1.
  static func lines(_ text: String) -> [(number: Int, text: Substring)] {
    // A line break of Windows is one Character, which is why the separator is not a plain "\n".
    text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.enumerated().map { ($0 + 1, $1) }
  }
}

/// A configuration file that is there and cannot be read.
public struct UnreadableFile: ConfigurationError, Hashable {
  public let path, reason: String

  public var description: String { "could not read \(path.escapedForDisplay): \(reason)" }
}
