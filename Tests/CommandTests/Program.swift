import FoundationEssentials
import Glibc
import Subprocess
import Testing

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// The program as its users have it: a process with arguments, an environment and three streams.
struct Program {
  /// What a run of the program left behind.
  struct Outcome {
    let status: Int32
    let output: String
    let errors: String
  }

  /// AWS keys that are no one's. The secrets are words that no message has any other reason to say.
  static let keys = [
    "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE1234", "AWS_SECRET_ACCESS_KEY": "xyzzysecret",
    "AWS_SESSION_TOKEN": "plughtoken",
  ]
  static let endpoint = "mydb.abc123.eu-west-1.rds.amazonaws.com"

  /// The program that was built with these tests, beside which it lies.
  static let path: FilePath = {
    // A program may end before it has read all its input: that is its business, and not the end of the tests. A handler,
    // unlike SIG_IGN, is not inherited by the program itself.
    signal(SIGPIPE) { _ in }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let length = max(0, readlink("/proc/self/exe", &buffer, buffer.count - 1))
    let own = String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return FilePath(own).removingLastComponent().appending("dbauth-admin")
  }()

  static func environment(_ variables: [String: String]) -> Subprocess.Environment {
    // HOME leads nowhere, so that the person's own AWS files are not read.
    let all = ["HOME": "/nonexistent"].merging(variables) { $1 }
    return .custom(Dictionary(uniqueKeysWithValues: all.map { (Environment.Key(stringLiteral: $0), $1) }))
  }

  /// Runs the program with pipes and returns what it wrote and how it ended.
  static func run(_ arguments: String..., environment: [String: String] = keys) async throws -> Outcome {
    try await run(arguments, environment: environment)
  }

  /// Runs the program with pipes and returns what it wrote and how it ended.
  static func run(_ arguments: [String], environment: [String: String] = keys) async throws -> Outcome {
    let result = try await Subprocess.run(
      .path(path), arguments: Arguments(arguments), environment: Self.environment(environment),
      output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
    guard case .exited(let status) = result.terminationStatus else {
      throw Crashed(status: "\(result.terminationStatus)")
    }
    return Outcome(status: status, output: result.standardOutput, errors: result.standardError)
  }

  /// Runs the program with a terminal as its stdout and returns what the terminal got.
  static func runOnTerminal(_ arguments: String..., environment: [String: String] = keys) async throws
    -> String
  {
    var terminal: Int32 = -1
    var programsSide: Int32 = -1
    guard openpty(&terminal, &programsSide, nil, nil, nil) == 0 else { throw Crashed(status: "openpty") }
    defer { close(terminal) }
    _ = try await Subprocess.run(
      .path(path), arguments: Arguments(arguments), environment: Self.environment(environment),
      output: .fileDescriptor(FileDescriptor(rawValue: programsSide), closeAfterSpawningProcess: true),
      error: .string(limit: 1 << 20))
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while case let count = read(terminal, &buffer, buffer.count), count > 0 {
      text += String(decoding: buffer[..<count], as: UTF8.self)
    }
    return text
  }

  struct Crashed: Error {
    let status: String
  }
}
