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
  static func read(_ prompt: String) async -> Secret? {
    let own = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC)
    defer { if own >= 0 { close(own) } }
    let signals = await HiddenTyping.begin(own >= 0 ? own : STDIN_FILENO)
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
  static func begin(_ descriptor: Int32) async -> [any DispatchSourceSignal] {
    var former = termios()
    guard tcgetattr(descriptor, &former) == 0 else { return [] }
    var signals: [any DispatchSourceSignal] = []
    for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] where endsProgram(number) {
      signals.append(await SignalSource.make(number) { SignalInterruption.end(by: number) })
    }
    var hidden = former
    hidden.c_lflag &= ~tcflag_t(ECHO)
    hidden.c_lflag |= tcflag_t(ISIG | ICANON)
    // Whoever comes back from Ctrl-Z would find a terminal that shows the password.
    withUnsafeMutableBytes(of: &hidden.c_cc) { $0[Int(VSUSP)] = 0 }
    current.withLock { $0 = Terminal(descriptor: descriptor, former: former) }
    tcsetattr(descriptor, TCSAFLUSH, &hidden)
    return signals
  }

  static func end(_ signals: [any DispatchSourceSignal]) {
    restore()
    for source in signals {
      source.cancel()
      signal(Int32(source.handle), SIG_DFL)
    }
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

  /// Whether nobody ignores the signal or looks after it already.
  private static func endsProgram(_ number: Int32) -> Bool {
    var action = sigaction()
    return sigaction(number, nil, &action) == 0
      && unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        == unsafeBitCast(SIG_DFL, to: Int.self)
  }
}
