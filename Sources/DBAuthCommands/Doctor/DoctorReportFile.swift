internal import AccessModel
internal import Glibc

/// A file for one format of the report: open before the run, so that a wrong path costs no run, and written after it.
struct DoctorReportFile {
  let path: String
  private let descriptor: Int32

  /// Makes the file, or opens the one that is there and leaves what it says until there is something to say instead.
  ///
  /// - Throws: ``UnwritableReportFile``.
  init(_ path: String) throws(UnwritableReportFile) {
    descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw UnwritableReportFile(path: path, code: errno) }
    self.path = path
  }

  /// Writes `text` as the file's whole content and closes the file.
  ///
  /// - Throws: ``OutputFileError`` when not everything fits.
  func write(_ text: String) throws(OutputFileError) {
    // Pipes and devices have no length, and do not need one.
    if ftruncate(descriptor, 0) != 0, errno != EINVAL { throw closed(errno) }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written >= 0 {
        bytes = bytes.dropFirst(written)
      } else if errno != EINTR {
        throw closed(errno)
      }
    }
    // Network file systems report a full disk here.
    guard close(descriptor) == 0 else { throw OutputFileError(path: path, code: errno) }
  }

  private func closed(_ code: Int32) -> OutputFileError {
    close(descriptor)
    return OutputFileError(path: path, code: code)
  }
}

/// A report's file that cannot be made or opened.
struct UnwritableReportFile: ConfigurationError {
  let path: String
  let code: Int32

  var description: String {
    """
    the report cannot be written to \(path.escapedForDisplay): \(String(cString: strerror(code))); \
    nothing was checked. Pass --output or --format a file in a folder that exists and that you may write to
    """
  }
}
