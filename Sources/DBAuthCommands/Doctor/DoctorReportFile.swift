internal import AccessModel
internal import Files

/// A file for one format of the report: open before the run, so that a wrong path costs no run, and written after it.
struct DoctorReportFile {
  let path: String
  private let file: OutputFile

  /// - Throws: ``UnwritableReportFile``.
  init(_ path: String) throws(UnwritableReportFile) {
    do throws(FileFailure) {
      file = try OutputFile(path)
    } catch {
      throw UnwritableReportFile(path: path, failure: error)
    }
    self.path = path
  }

  /// Writes `text` as the file's whole content and closes the file.
  ///
  /// - Throws: ``OutputFileError`` when not everything fits.
  func write(_ text: String) throws(OutputFileError) {
    do throws(FileFailure) {
      try file.write(text)
    } catch {
      throw OutputFileError(path: path, failure: error)
    }
  }
}

/// A report's file that cannot be made or opened.
struct UnwritableReportFile: ConfigurationError {
  let path: String
  let failure: FileFailure

  var description: String {
    """
    the report cannot be written to \(path.escapedForDisplay): \(failure); \
    nothing was checked. Pass --output or --format a file in a folder that exists and that you may write to
    """
  }
}
