internal import AccessModel
internal import Glibc

/// A file named by `--output`.
enum OutputFile {
  /// Writes `text` as the file's whole content.
  ///
  /// - Throws: ``OutputFileError`` when the file cannot be made or not everything fits.
  static func write(_ text: String, to path: String) throws(OutputFileError) {
    guard let file = fopen(path, "we") else { throw OutputFileError(path: path, code: errno) }
    let bytes = Array(text.utf8)
    let written = fwrite(bytes, 1, bytes.count, file)
    let writeError = errno
    // A full disk may only be noticed when the last block is written.
    guard fclose(file) == 0 else { throw OutputFileError(path: path, code: errno) }
    guard written == bytes.count else { throw OutputFileError(path: path, code: writeError) }
  }
}

/// A file could not be written.
struct OutputFileError: Error, CustomStringConvertible {
  let path: String
  let code: Int32

  var description: String { "could not write \(path.escapedForDisplay): \(String(cString: strerror(code)))" }
}
