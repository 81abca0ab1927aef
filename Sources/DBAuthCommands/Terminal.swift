internal import Glibc

/// The process's standard streams: data goes to stdout, everything said about it to stderr.
enum Terminal {
  /// Whether a person reads stdout.
  static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Writes a line to stderr.
  static func writeError(_ message: String) {
    _ = try? write(message + "\n", to: STDERR_FILENO)
  }

  /// Writes `text` to stdout exactly as it is.
  static func write(_ text: String) throws(OutputError) {
    try write(text, to: STDOUT_FILENO)
  }

  private static func write(_ text: String, to descriptor: Int32) throws(OutputError) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written >= 0 {
        bytes = bytes.dropFirst(written)
      } else if errno != EINTR {
        throw OutputError(code: errno)
      }
    }
  }
}

/// Stdout could not take what was written: a full disk, or a reader that went away.
struct OutputError: Error, CustomStringConvertible {
  let code: Int32

  var description: String { "could not write the output: \(String(cString: strerror(code)))" }
}
