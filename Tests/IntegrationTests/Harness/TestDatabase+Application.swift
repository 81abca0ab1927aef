import Postgres
import Testing

extension TestDatabase {
  /// What an application owns, and who it is.
  static let application = """
    CREATE ROLE app LOGIN PASSWORD 'app';
    GRANT ALL ON SCHEMA public TO app;
    SET ROLE app;
    CREATE TABLE orders (id integer);
    CREATE TABLE items (id integer);
    RESET ROLE;
    """

  /// Every membership of a role, or in it, but for those of the servers' own roles.
  func memberships() async throws -> [String] {
    try await psql(
      """
      SELECT m.member::regrole || ' of ' || m.roleid::regrole FROM pg_auth_members m
      WHERE m.member::regrole::text !~ '^(pg_|rds)' AND m.member::regrole::text <> 'postgres' ORDER BY 1
      """
    ).split(separator: "\n").map(String.init)
  }

  func plan(_ options: [String], as login: Login? = nil) async throws -> SetupDocument {
    let plan = try await setup("plan", options + ["--format", "json"], as: login)
    #expect(plan.status == 0, "\(plan.output)")
    return try SetupDocument(plan)
  }

  /// How an IAM user takes an application over in a mode.
  static func takeOver(_ mode: String) -> [String] { ["--iam-user", "iamuser", "--mode", mode] }

  /// Who owns by the end.
  func newOwner(_ mode: String) -> String { mode == "direct" ? "iamuser" : ownerRole }

  /// Applies while a table is locked, so that everything but that table is done.
  func applyButFor(_ table: String, _ options: [String]) async throws -> ChildProcess.Result {
    let reader = try await server.connect(.superuser, database: name)
    try await reader.execute("BEGIN; SELECT FROM \(table)")
    let apply = try await setup("apply", options + ["--lock-timeout", "500ms", "--yes"])
    try await reader.execute("ROLLBACK")
    return apply
  }
}
