import Foundation
import Synchronization
import Testing

/// A database of its own on a server that nobody else uses meanwhile. Everything goes with the test: the database,
/// the roles, the journal.
struct TestDatabase: Sendable {
  let server: SandboxServer
  let serverName: ServerName
  let name: String
  /// A folder of its own for journals and other files.
  let folder: String

  /// What `setup` creates by default to own the objects.
  var ownerRole: String { "\(name)_owner" }
  var journal: String { "\(folder)/setup.journal" }
  /// Databases of tests begin with this.
  private static let prefix = "move_"
  private static let counter = Atomic(0)

  /// Runs a test against a new, empty database that belongs to the master.
  ///
  /// - Parameter alone: nobody uses any other server meanwhile, so that times can be measured.
  static func run(
    on serverName: ServerName, alone: Bool = false, _ body: (TestDatabase) async throws -> Void
  ) async throws {
    let server = try await Sandbox.server(serverName)
    try await ServerTurns.run(alone ? Set(ServerName.allCases) : [serverName]) {
      let number = counter.add(1, ordering: .relaxed).newValue
      let name = "\(prefix)\(ProcessInfo.processInfo.processIdentifier)_\(number)"
      let folder = FileManager.default.temporaryDirectory.appending(path: "dbauth-\(name)").path
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let database = TestDatabase(server: server, serverName: serverName, name: name, folder: folder)
      let roles = try await database.roles()
      do {
        try await database.create()
        try await body(database)
      } catch {
        Issue.record(error)
      }
      try await database.remove(keeping: roles)
    }
  }

  /// Creates it, or another one on the same server.
  func create(_ other: String? = nil) async throws {
    try await server.psql("CREATE DATABASE \(other ?? name) OWNER \(server.master.user)")
  }

  /// A second database of this test.
  func another(_ suffix: String) -> TestDatabase {
    TestDatabase(server: server, serverName: serverName, name: "\(name)_\(suffix)", folder: folder)
  }

  private func roles() async throws -> [String] {
    try await server.psql("SELECT rolname FROM pg_roles WHERE rolname !~ '[\\n]' ORDER BY 1")
      .split(separator: "\n").map(String.init)
  }

  private func remove(keeping roles: [String]) async throws {
    let kept = roles.map { "'\($0)'" }.joined(separator: ", ")
    try await server.psql(
      """
      SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database
      WHERE datname LIKE '\(name)%' \\gexec
      SELECT format('DROP OWNED BY %I', rolname) FROM pg_roles WHERE rolname NOT IN (\(kept)) \\gexec
      SELECT format('DROP ROLE %I', rolname) FROM pg_roles WHERE rolname NOT IN (\(kept)) \\gexec
      """)
    try FileManager.default.removeItem(atPath: folder)
  }
}

extension TestDatabase {
  /// Runs a script as the superuser, or somebody else.
  @discardableResult
  func psql(_ script: String, as login: Login = .superuser) async throws -> String {
    try await server.psql(script, as: login, database: name)
  }

  /// Fills it with everything that makes a change of owners hard: Tests/Fixtures/awkward.sql.
  func fillWithAwkwardObjects() async throws {
    let fixture = Sandbox.repository.appending(path: "Tests/Fixtures/awkward.sql")
    try await psql(String(contentsOf: fixture, encoding: .utf8))
  }

  /// Fills it with tables of one old owner, each with an identity column, a primary key and TOAST.
  func fill(tables count: Int, owner: String = "app_old") async throws {
    try await psql(
      """
      CREATE ROLE \(owner) LOGIN PASSWORD 'app-old-password';
      GRANT ALL ON SCHEMA public TO \(owner);
      """)
    for first in stride(from: 1, through: count, by: 500) {
      try await psql(
        """
        SET synchronous_commit = off;
        SET ROLE \(owner);
        DO $$ BEGIN FOR i IN \(first)..\(min(first + 499, count)) LOOP
          EXECUTE format('CREATE TABLE t%s (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text)', i);
        END LOOP; END $$;
        """)
    }
  }

  /// `dbauth-admin setup …` as users call it, with the journal in this test's folder.
  func setup(
    _ command: String, _ options: [String] = [], as login: Login? = nil, journal: String? = nil,
    whileRunning: @Sendable (ChildProcess.Running) async throws -> Void = { _ in }
  ) async throws -> ChildProcess.Result {
    var arguments = ["setup", command] + options
    if command != "verify" { arguments += ["--journal", journal ?? self.journal] }
    return try await CommandLineTool.run(
      arguments, environment: server.environment(login ?? serverName.administrator, database: name), folder: folder,
      whileRunning: whileRunning)
  }
}
