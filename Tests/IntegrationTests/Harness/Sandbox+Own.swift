import Foundation
import Glibc
import Testing

extension Sandbox {
  /// Runs a test against a server of its own, which ends with the test, with settings that the others have not.
  static func own(
    _ serverName: ServerName, settings: [String], _ body: (TestDatabase) async throws -> Void
  ) async throws {
    let program = repository.appending(path: "Tests/Sandbox/sandbox").path
    let id = "own-\(getpid())-\(serverName.rawValue)"
    let started = try await ChildProcess.run(
      program,
      ["up", "--id", id, "--only", serverName.rawValue, "--while", "\(getpid())"]
        + settings.flatMap { ["--set", $0] })
    guard started.status == 0 else { throw NotStarted(description: started.stderr) }
    do {
      let path = started.stdout.trimmingCharacters(in: .whitespacesAndNewlines)
      let sandbox = try JSONDecoder().decode(Sandbox.self, from: Data(contentsOf: URL(filePath: path)))
      guard let server = sandbox.servers[serverName.rawValue] else {
        throw NotStarted(description: "the sandbox has no server \(serverName.rawValue)")
      }
      let folder = FileManager.default.temporaryDirectory.appending(path: "dbauth-\(id)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let database = TestDatabase(server: server, serverName: serverName, name: "moved", folder: folder)
      try await database.create()
      try await body(database)
    } catch {
      Issue.record(error)
    }
    _ = try await ChildProcess.run(program, ["down", "--id", id])
  }
}
