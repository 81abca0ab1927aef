public import AccessModel
internal import Files

/// Small files of libpq's, which are bytes: a line may be in an encoding of its own, and does not concern the others.
enum TextFile {
  /// A line, counted from 1.
  struct Line {
    let number: Int
    /// What is not UTF-8 in it is replaced by U+FFFD.
    let text: Substring
    let isUTF8: Bool
  }

  /// The file's lines, or nil when there is no file.
  ///
  /// - Throws: ``UnreadableFile`` when it is there and cannot be read, or is no regular file.
  static func lines(_ path: String) throws(UnreadableFile) -> [Line]? {
    do throws(FileFailure) {
      let bytes = try RegularFile.read(path, limit: RegularFile.configurationLimit).bytes
      return lines(bytes)
    } catch {
      if error.isMissing { return nil }
      throw UnreadableFile(path: path, reason: error.description)
    }
  }

  private static func lines(_ bytes: [UInt8]) -> [Line] {
    bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated().map {
      index, line in
      // Windows ends a line with two characters.
      let line = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      let text = String(validating: line, as: UTF8.self)
      return Line(
        number: index + 1, text: Substring(text ?? String(decoding: line, as: UTF8.self)), isUTF8: text != nil
      )
    }
  }
}

/// A configuration file that is there and cannot be read.
public struct UnreadableFile: ConfigurationError, Hashable {
  public let path, reason: String

  /// - Parameter line: one that is needed, and is not UTF-8.
  static func notUTF8(_ path: String, line: Int) -> UnreadableFile {
    UnreadableFile(path: path, reason: "line \(line) is not UTF-8; write it anew in that encoding")
  }

  public var description: String { "could not read \(path.escapedForDisplay): \(reason)" }
}
