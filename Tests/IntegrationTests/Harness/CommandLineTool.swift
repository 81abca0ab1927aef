import Foundation

/// The program under test, as users run it.
enum CommandLineTool {
  /// SwiftPM puts it next to the bundle of tests, which is the running program.
  static let path: String = {
    let bundle = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return URL(filePath: bundle ?? "").deletingLastPathComponent().appending(path: "dbauth-admin").path
  }()

  static func run(
    _ arguments: [String], environment: [String: String] = [:], folder: String? = nil,
    whileRunning: @Sendable (ChildProcess.Running) async throws -> Void = { _ in }
  ) async throws -> ChildProcess.Result {
    try await ChildProcess.run(
      path, arguments, environment: environment, folder: folder, whileRunning: whileRunning)
  }
}
