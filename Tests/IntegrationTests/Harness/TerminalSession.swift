import Foundation
import Glibc
import Subprocess
import Synchronization

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// A terminal with a program on it, and a person who reads and types.
final class TerminalSession: Sendable {
  private let descriptor: Int32
  private let screen = Mutex("")

  private init(descriptor: Int32) { self.descriptor = descriptor }

  /// Everything that the terminal got so far, with its control sequences.
  var text: String { screen.withLock { $0 } }

  func type(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = write(descriptor, bytes, bytes.count)
  }

  /// Returns once the terminal has shown a text.
  func shows(_ words: String) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while !text.contains(words) {
      guard ContinuousClock.now < deadline else {
        throw SandboxServer.Refusal(message: "the terminal never showed \(words):\n\(text)")
      }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  /// Runs `dbauth-admin` on a terminal.
  ///
  /// - Returns: how it ended, with all that the terminal got as its output.
  static func run(
    _ arguments: [String], environment: [String: String], columns: UInt16, folder: String,
    _ body: @Sendable (TerminalSession, ChildProcess.Running) async throws -> Void = { _, _ in }
  ) async throws -> ChildProcess.Result {
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    var (ours, programs): (Int32, Int32) = (-1, -1)
    guard openpty(&ours, &programs, nil, nil, &size) == 0 else {
      throw SandboxServer.Refusal(message: "openpty: errno \(errno)")
    }
    defer { close(ours) }
    // Programs of other tests that start meanwhile must not hold it open.
    for side in [ours, programs] { _ = fcntl(side, F_SETFD, FD_CLOEXEC) }
    let ownSide = programs
    let session = TerminalSession(descriptor: ours)
    let reader = Thread { session.read() }
    reader.start()
    var variables = environment.merging(["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]) { own, _ in own }
    variables["HOME"] = folder
    let configuration = Configuration(
      executable: .path(FilePath(CommandLineTool.path)), arguments: Arguments(arguments),
      environment: .custom(Dictionary(uniqueKeysWithValues: variables.map { (.init(rawValue: $0)!, $1) })),
      workingDirectory: FilePath(folder))
    let side = FileDescriptor(rawValue: programs)
    let ended = try await Subprocess.run(
      configuration, input: .fileDescriptor(side, closeAfterSpawningProcess: false),
      output: .fileDescriptor(side, closeAfterSpawningProcess: false),
      error: .fileDescriptor(side, closeAfterSpawningProcess: false)
    ) { execution in
      close(ownSide)
      try await body(
        session,
        ChildProcess.Running(pid: execution.processIdentifier.value) { try? execution.send(signal: $0) })
    }
    while !reader.isFinished { try await Task.sleep(for: .milliseconds(5)) }
    let status: Int32 =
      switch ended.terminationStatus {
      case .exited(let code): code
      case .signaled(let signal): 128 + signal
      }
    return ChildProcess.Result(status: status, stdout: session.text, stderr: "")
  }

  /// Reads until the last program has closed the terminal, which is EIO: pty(7).
  private func read() {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = Glibc.read(descriptor, &buffer, buffer.count), count > 0 {
      let text = String(decoding: buffer[..<count], as: UTF8.self)
      screen.withLock { $0 += text }
    }
  }
}

extension TestDatabase {
  /// `dbauth-admin setup …` on a terminal.
  func setupOnTerminal(
    _ command: String, _ options: [String], columns: UInt16 = 80,
    environment: [String: String] = ["TERM": "xterm"],
    _ body: @Sendable (TerminalSession, ChildProcess.Running) async throws -> Void = { _, _ in }
  ) async throws -> ChildProcess.Result {
    var arguments = ["setup", command] + options
    if command != "verify" { arguments += ["--journal", journal] }
    let login = server.environment(serverName.administrator, database: name)
    return try await TerminalSession.run(
      arguments, environment: login.merging(environment) { $1 }, columns: columns, folder: folder, body)
  }
}
