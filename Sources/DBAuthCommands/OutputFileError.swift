internal import AccessModel
internal import Files

/// A file could not be written.
struct OutputFileError: Error, CustomStringConvertible {
  let path: String
  let failure: FileFailure

  var description: String { "could not write \(path.escapedForDisplay): \(failure)" }
}

extension OutputFile {
  /// Writes `text` as a file's whole content.
  ///
  /// - Throws: ``OutputFileError`` when the file cannot be made, is somebody else's, or not everything fits.
  static func write(_ text: String, to path: String) throws(OutputFileError) {
    do throws(FileFailure) {
      try OutputFile(path).write(text)
    } catch {
      throw OutputFileError(path: path, failure: error)
    }
  }
}
