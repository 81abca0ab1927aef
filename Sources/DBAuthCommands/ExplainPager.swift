internal import Glibc

/// Shows a long text a screen at a time, as git does: with `PAGER`, or else `less`, on a terminal only that can do more than print.
enum Pager {
  static func show(_ text: String) throws {
    guard Terminal.outputIsTerminal, !Terminal.isDumb,
      let pager = command(getenv("PAGER").map { String(cString: $0) })
    else {
      return try Terminal.write(text)
    }
    // F: no pager for what fits the screen. R: colours. X: leave the text there. Also git's choice.
    setenv("LESS", "FRX", 0)
    guard let pipe = popen(pager, "we") else { return try Terminal.write(text) }
    // Whoever has read enough closes the pager; and Ctrl-C belongs to it while it runs.
    let (broken, interrupt) = (signal(SIGPIPE, SIG_IGN), signal(SIGINT, SIG_IGN))
    fputs(text, pipe)
    let status = pclose(pipe)
    signal(SIGPIPE, broken)
    signal(SIGINT, interrupt)
    if exitStatus(status) == notFound { try Terminal.write(text) }
  }

  /// The command to run, or nil for none.
  static func command(_ variable: String?) -> String? {
    guard let variable else { return "less" }
    let words = variable.split(separator: " ")
    return words.isEmpty || words == ["cat"] ? nil : variable
  }

  /// What a shell ends with when there is no such program.
  private static let notFound: Int32 = 127

  /// The status that a process exited with, from what `wait` says; nil when a signal ended it.
  private static func exitStatus(_ status: Int32) -> Int32? {
    status & 0x7F == 0 ? (status >> 8) & 0xFF : nil
  }
}
