public import AccessModel
internal import Files

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
    if path.hasPrefix("~/"), let home = HomeFolder.path(environment["HOME"]) {
      expanded = home + path.dropFirst(1)
    } else {
      expanded = path
    }
  }

  /// The file's text, or nil when there is no such file.
  ///
  /// - Throws: ``SharedFileError`` when it is there and cannot be read, is no regular file, or is not UTF-8.
  func text() throws(SharedFileError) -> String? {
    do throws(FileFailure) {
      return try RegularFile.text(expanded)
    } catch {
      throw SharedFileError(path: path, reason: error.description)
    }
  }
}

/// A shared file that is there and cannot be read.
public struct SharedFileError: ConfigurationError, Hashable {
  public let path: String
  public let reason: String

  public var description: String { "could not read \(path.escapedForDisplay): \(reason)" }
}
