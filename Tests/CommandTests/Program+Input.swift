import Subprocess

extension Program {
  /// Runs the program with `input` on its stdin.
  static func run(
    _ arguments: String..., input: String, environment: [String: String] = [:]
  ) async throws -> Outcome {
    let result = try await Subprocess.run(
      .path(path), arguments: Arguments(arguments), environment: Self.environment(environment),
      input: .string(input), output: .string(limit: 1 << 22), error: .string(limit: 1 << 20))
    guard case .exited(let status) = result.terminationStatus else {
      throw Crashed(status: "\(result.terminationStatus)")
    }
    return Outcome(status: status, output: result.standardOutput, errors: result.standardError)
  }
}
