internal import AccessModel
internal import Glibc
internal import Reporting

/// The process's standard streams: data goes to stdout, everything said about it to stderr.
enum Terminal {
  /// Whether a person reads stdout.
  static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// Writes a line to stderr.
  ///
  /// - Returns: false when nobody can have read it.
  @discardableResult
  static func writeError(_ message: String) -> Bool { writeErrorRaw(message + "\n") }

  /// Writes a note to stderr: one line, whatever a server or a name service has put into it.
  static func writeNote(_ note: String) { writeError(ShownText.line(note)) }

  /// Writes to stderr without ending the line.
  ///
  /// - Returns: false when nobody can have read it.
  @discardableResult
  static func writeErrorRaw(_ message: String) -> Bool {
    (try? write(harmless(message), to: STDERR_FILENO)) != nil
  }

  /// Writes to stderr in the place of the line that the cursor stands on: ECMA-48's CR and EL.
  static func rewriteErrorLine(_ message: some StringProtocol) {
    _ = try? write("\r\u{1B}[K" + harmless(String(message)), to: STDERR_FILENO)
  }

  /// How stdout's reader is best served: colour, Unicode and line breaks on a terminal only.
  static var outputStyle: OutputStyle { style(STDOUT_FILENO) }

  /// How stderr's reader is best served.
  static var errorStyle: OutputStyle { style(STDERR_FILENO) }

  /// The terminal can do nothing but print: `TERM` is `dumb`, or unset.
  static var isDumb: Bool { getenv("TERM").map { String(cString: $0) == "dumb" } ?? true }

  private static func style(_ descriptor: Int32) -> OutputStyle {
    guard isatty(descriptor) == 1 else { return .plain }
    var size = winsize()
    let known = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    // https://no-color.org: present and not empty.
    let noColor = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let capable = !noColor && !isDumb
    return OutputStyle(
      color: capable, unicode: true, width: known ? Int(size.ws_col) : nil, controls: capable)
  }

  /// Makes sure that 0, 1 and 2 are open. A caller may have closed one (`>&-`); the next file or connection would get
  /// its number, and what is said would be written into it. As libc does it for programs with more rights than their
  /// caller, each is opened so that using it fails.
  static func reserveDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// Writes a text for people, or a document that is the same when it is harmless, to stdout.
  static func write(_ text: String) throws(OutputError) {
    try write(harmless(text), to: STDOUT_FILENO)
  }

  /// Writes to stdout exactly what is given: a token, or commands for a CI system that are our own.
  static func write(data: String) throws(OutputError) {
    try write(data, to: STDOUT_FILENO)
  }

  /// The text as whoever reads our output may get it: it has no secret of this run, nothing but colours and line ends
  /// steers a terminal, and in a CI system's job nothing is a command. Texts are made harmless where they are put together; this holds where that was
  /// forgotten.
  static func harmless(_ text: String) -> String {
    let shown = ShownText.keepingColours(KnownSecrets.redacted(text))
    return isInWorkflow ? WorkflowCommand.neutralised(shown) : shown
  }

  /// Whether a CI system reads what this process writes.
  private static let isInWorkflow = WorkflowCommand.variables.contains { getenv($0) != nil }

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
