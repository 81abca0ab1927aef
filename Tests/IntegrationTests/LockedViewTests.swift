import Postgres
import Testing

@Suite("A plan while somebody has a view or its tables locked")
struct LockedViewTests {
  static let servers: [ServerName] = [.pg15RDS, .pg18RDS]
  private static let options = OwnerRightsTests.options + ["--lock-timeout", "500ms"]
  private static let views = """
    CREATE ROLE app LOGIN; CREATE ROLE low LOGIN; CREATE ROLE reader LOGIN; GRANT ALL ON SCHEMA public TO app, low;
    SET ROLE app; CREATE TABLE secrets (id integer); CREATE VIEW base AS SELECT id FROM secrets; GRANT SELECT ON base TO low;
    SET ROLE low; CREATE VIEW v AS SELECT id FROM base; GRANT SELECT ON v TO reader; RESET ROLE;
    """

  private static func lock(_ view: String, _ database: TestDatabase) async throws -> Session {
    let other = try await database.server.connect(
      .superuser, database: database.name, application: "somebody else")
    try await other.execute("BEGIN; ALTER VIEW \(view) ALTER id SET DEFAULT 1")
    return other
  }

  @Test("does not wait where nobody may write to the view", arguments: servers, ["v", "base"])
  func readers(on server: ServerName, view: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(Self.views)
      let other = try await Self.lock(view, database)
      let plan = try await database.setup("plan", Self.options)
      #expect(plan.status == 0, "\(plan.output)")
      try await other.execute("ROLLBACK")
    }
  }

  @Test(
    "waits no longer than its lock timeout, and names what is held and by whom", arguments: servers,
    ["v", "base"])
  func writers(on server: ServerName, view: String) async throws {
    try await TestDatabase.run(on: server) { database in
      try await database.psql(
        "\(Self.views) GRANT UPDATE ON base TO low; SET ROLE low; GRANT UPDATE ON v TO reader")
      let other = try await Self.lock(view, database)
      var plan: ChildProcess.Result?
      let time = try await ContinuousClock().measure {
        plan = try await database.setup("plan", Self.options + ["--statement-timeout", "20s"])
      }
      let output = plan?.output.split(whereSeparator: \.isWhitespace).joined(separator: " ") ?? ""
      #expect(plan?.status == 1, "\(output)")
      #expect(output.contains("has locked public.\(view): pid "), "\(output)")
      #expect(output.contains("pid \(other.backendPID) (somebody else"), "\(output)")
      #expect(time < .seconds(15))
      try await other.execute("ROLLBACK")
      let after = try await database.setup("plan", Self.options)
      #expect(after.status == 0, "\(after.output)")
    }
  }
}
