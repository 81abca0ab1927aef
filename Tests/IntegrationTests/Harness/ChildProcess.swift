import Foundation
import Subprocess

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// Another program, run to its end.
enum ChildProcess {
  struct Result: Sendable {
    /// The exit status; 128 and the signal's number when a signal ended it, as shells have it.
    var status: Int32
    var stdout: String
    var stderr: String

    var output: String { stdout + stderr }
  }

  /// A running program, for as long as the closure that gets it.
  struct Running: Sendable {
    let pid: Int32
    let send: @Sendable (Signal) -> Void
  }

  /// The most that a program may print; plans of 20,000 tables in JSON are some 10 MB.
  private static let outputLimit = 64 << 20

  /// - Parameters:
  ///   - environment: added to PATH, HOME and the locale; nothing else is inherited.
  ///   - input: standard input; nil is /dev/null.
  ///   - whileRunning: runs at the same time, and is waited for.
  static func run(
    _ program: String, _ arguments: [String], environment: [String: String] = [:], input: String? = nil,
    folder: String? = nil, whileRunning: @Sendable (Running) async throws -> Void = { _ in }
  ) async throws -> Result {
    var variables: [Environment.Key: String] = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
    for name in ["PATH", "HOME", "TMPDIR", "DBAUTH_SANDBOX_CACHE"] {
      if let value = ProcessInfo.processInfo.environment[name] { variables[.init(rawValue: name)!] = value }
    }
    for (name, value) in environment { variables[.init(rawValue: name)!] = value }
    let configuration = Configuration(
      executable: .path(FilePath(program)), arguments: Arguments(arguments), environment: .custom(variables),
      workingDirectory: folder.map { FilePath($0) })
    if let input {
      let ended = try await Subprocess.run(
        configuration, input: .fileDescriptor(try file(input), closeAfterSpawningProcess: true),
        output: .string(limit: outputLimit),
        error: .string(limit: outputLimit)
      ) { try await whileRunning(running($0)) }
      return Result(
        status: status(ended.terminationStatus), stdout: ended.standardOutput, stderr: ended.standardError)
    }
    let ended = try await Subprocess.run(
      configuration, input: .none, output: .string(limit: outputLimit), error: .string(limit: outputLimit)
    ) { try await whileRunning(running($0)) }
    return Result(
      status: status(ended.terminationStatus), stdout: ended.standardOutput, stderr: ended.standardError)
  }

  /// A file without a name: unlike a pipe it takes everything, also when the program ends before it has read it.
  private static func file(_ text: String) throws -> FileDescriptor {
    guard let stream = tmpfile() else { throw CocoaError(.fileWriteUnknown) }
    defer { fclose(stream) }
    let bytes = Array(text.utf8)
    guard fwrite(bytes, 1, bytes.count, stream) == bytes.count, fflush(stream) == 0 else {
      throw CocoaError(.fileWriteUnknown)
    }
    rewind(stream)
    return try FileDescriptor(rawValue: fileno(stream)).duplicate()
  }

  private static func running<I, O, E>(_ execution: Execution<I, O, E>) -> Running {
    Running(pid: execution.processIdentifier.value) { signal in try? execution.send(signal: signal) }
  }

  private static func status(_ status: TerminationStatus) -> Int32 {
    switch status {
    case .exited(let code): code
    case .signaled(let signal): 128 + signal
    }
  }
}
