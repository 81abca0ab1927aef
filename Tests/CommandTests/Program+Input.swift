import Glibc
import Subprocess

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

extension Program {
  /// Runs the program with `input` on its stdin.
  static func run(
    _ arguments: String..., input: String, environment: [String: String] = [:]
  ) async throws -> Outcome {
    let result = try await Subprocess.run(
      .path(path), arguments: Arguments(arguments), environment: Self.environment(environment),
      input: .fileDescriptor(try file(input), closeAfterSpawningProcess: true),
      output: .string(limit: 1 << 22), error: .string(limit: 1 << 20))
    guard case .exited(let status) = result.terminationStatus else {
      throw Crashed(status: "\(result.terminationStatus)")
    }
    return Outcome(status: status, output: result.standardOutput, errors: result.standardError)
  }

  /// A file without a name: unlike a pipe it takes everything, also when the program ends before it has read it.
  private static func file(_ text: String) throws -> FileDescriptor {
    guard let stream = tmpfile() else { throw Crashed(status: "tmpfile") }
    defer { fclose(stream) }
    let bytes = Array(text.utf8)
    guard fwrite(bytes, 1, bytes.count, stream) == bytes.count, fflush(stream) == 0 else {
      throw Crashed(status: "fwrite")
    }
    rewind(stream)
    return try FileDescriptor(rawValue: fileno(stream)).duplicate()
  }
}
