internal import AccessModel
internal import Dispatch
internal import Glibc
internal import Postgres
internal import Synchronization

/// Asks for a password on the terminal without showing it.
///
/// `getpass` takes Ctrl-C for a character of the password, and leaves a terminal that shows nothing when a signal ends the
/// program.
enum PasswordPrompt {
  /// Longer than any password that PostgreSQL's own programs take.
  private static let longest = 4096

  /// - Returns: nil when there is nobody to ask.
  static func read(_ prompt: String) -> Secret? {
    let own = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
    defer { if own >= 0 { close(own) } }
    let signals = HiddenTyping.begin(own >= 0 ? own : STDIN_FILENO)
    defer { HiddenTyping.end(signals) }
    write(prompt, to: own >= 0 ? own : STDERR_FILENO)
    defer { write("\n", to: own >= 0 ? own : STDERR_FILENO) }
    return line(own >= 0 ? own : STDIN_FILENO)
  }

  private static func line(_ descriptor: Int32) -> Secret? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count < longest {
      let count = Glibc.read(descriptor, &byte, 1)
      if count < 0, errno == EINTR { continue }
      if count <= 0 { return bytes.isEmpty ? nil : Secret(String(decoding: bytes, as: UTF8.self)) }
      if byte == UInt8(ascii: "\n") { break }
      bytes.append(byte)
    }
    return Secret(String(decoding: bytes, as: UTF8.self))
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)
    _ = Glibc.write(descriptor, &bytes, bytes.count)
  }
}

/// A terminal that does not show what is typed, until that has ended, however it ends.
enum HiddenTyping {
  private struct Terminal {
    var descriptor: Int32
    var former: termios
  }

  private static let current = Mutex<Terminal?>(nil)

  /// - Returns: what watches for the signals that end the program, where nobody else does.
  static func begin(_ descriptor: Int32) -> [SignalSource] {
    var former = termios()
    guard tcgetattr(descriptor, &former) == 0 else { return [] }
    let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT].filter { SignalSource.does(SIG_DFL, $0) }
      .compactMap { number in SignalSource(number) { SignalInterruption.end(by: number) } }
    var hidden = former
    hidden.c_lflag &= ~tcflag_t(ECHO)
    hidden.c_lflag |= tcflag_t(ISIG | ICANON)
    // Whoever comes back from Ctrl-Z would find a terminal that shows the password.
    withUnsafeMutableBytes(of: &hidden.c_cc) { $0[Int(VSUSP)] = 0 }
    current.withLock { $0 = Terminal(descriptor: descriptor, former: former) }
    tcsetattr(descriptor, TCSAFLUSH, &hidden)
    return signals
  }

  static func end(_ signals: [SignalSource]) {
    restore()
    for source in signals { source.cancel() }
  }

  /// The terminal shows again what is typed.
  static func restore() {
    current.withLock { terminal in
      if var former = terminal?.former, let descriptor = terminal?.descriptor {
        tcsetattr(descriptor, TCSAFLUSH, &former)
      }
      terminal = nil
    }
  }
}
