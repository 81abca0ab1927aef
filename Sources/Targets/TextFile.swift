public import AccessModel
internal import Files

/// Reads small text files whole.
enum TextFile {
  /// The file's text, or nil when there is none.
  ///
  /// - Throws: ``UnreadableFile`` when it is there and cannot be read, is no regular file, or is not UTF-8.
  static func read(_ path: String) throws(UnreadableFile) -> String? {
    do throws(FileFailure) {
      return try RegularFile.text(path)
    } catch {
      throw UnreadableFile(path: path, reason: error.description)
    }
  }

  /// The file's lines with their numbers, counted from 1.
  static func lines(_ text: String) -> [(number: Int, text: Substring)] {
    // A line break of Windows is one Character, which is why the separator is not a plain "\n".
    text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.enumerated().map {
      ($0 + 1, $1)
    }
  }
}

/// A configuration file that is there and cannot be read.
public struct UnreadableFile: ConfigurationError, Hashable {
  public let path, reason: String

  public var description: String { "could not read \(path.escapedForDisplay): \(reason)" }
}
