import Testing

extension TestDatabase {
  /// What a plan with these options says that somebody loses.
  func losses(_ options: [String]) async throws -> [SetupDocument.Loss] {
    try await plan(options).losses
  }

  /// The server refuses a script.
  func expectRefused(_ script: String) async throws {
    await #expect(throws: SandboxServer.Refusal.self, "\(script)") { try await psql(script) }
  }
}
