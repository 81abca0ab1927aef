import Testing

/// What apply compares under its locks, a script compares by itself.
@Suite("A plan as a script moves what was judged")
struct ScriptCodeTests {
  private static func run(_ script: String, _ database: TestDatabase) async throws -> ChildProcess.Result {
    try await database.server.program(
      "psql", ["-XqAt"], as: database.serverName.administrator, database: database.name, input: script)
  }

  private static func owner(_ database: TestDatabase, _ name: String) async throws -> String {
    try await database.psql(
      """
      SELECT relowner::regrole FROM pg_class WHERE relname = '\(name)'
      UNION ALL SELECT proowner::regrole FROM pg_proc WHERE proname = '\(name)'
      """)
  }

  static let changes =
    PlannedCodeTests.changes.map(\.1) + [
      "ALTER VIEW spy RENAME TO other; CREATE VIEW spy AS SELECT secret FROM secrets; GRANT SELECT ON spy TO PUBLIC"
    ]

  @Test(
    "what has come to act for its owner since ends it", arguments: [ServerName.pg15RDS, .pg18RDS], changes)
  func changed(on server: ServerName, change: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(PlannedCodeTests.harmless)
      let plan = try await database.setup("plan", OwnerRightsTests.options + ["--format", "sql"])
      #expect(plan.status == 0, "\(plan.output)")
      try await database.psql("SET ROLE low; \(change)")
      let ended = try await Self.run(plan.stdout, database)
      #expect(ended.status == 3 && ended.stderr.contains("since the plan was made"), "\(ended.output)")
      for object in ["spy", "quiet", "plain", "child", "hidden"] {
        #expect(try await Self.owner(database, object) == "low", "\(object)")
      }
    }
  }

  @Test(
    "what changes nothing about that does not", arguments: [ServerName.pg15RDS, .pg16RDS, .pg18RDS],
    ["", #"; ALTER VIEW spy RENAME TO "'\ $guard$ ü""#])
  func unchanged(on server: ServerName, _ rename: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql("\(PlannedCodeTests.harmless) SET ROLE low\(rename)")
      let plan = try await database.setup("plan", OwnerRightsTests.options + ["--format", "sql"])
      try await database.psql(
        "SET ROLE low; ALTER TABLE plain ADD COLUMN n integer DEFAULT 1; COMMENT ON TABLE plain IS ''")
      let ended = try await Self.run(plan.stdout, database)
      #expect(ended.status == 0, "\(ended.output)")
      for object in [rename.isEmpty ? "spy" : "''\\ $guard$ ü", "quiet", "plain", "child", "hidden"] {
        #expect(try await Self.owner(database, object) == database.ownerRole, "\(object)")
      }
    }
  }
}
