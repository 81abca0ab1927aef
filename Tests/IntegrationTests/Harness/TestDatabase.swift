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
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let database = TestDatabase(server: server, serverName: serverName, name: name, folder: folder)
      try await database.removeRemains()
      do {
        try await database.create()
        try await body(database)
      } catch {
        Issue.record(error)
      }
      try await database.removeRemains()
    }
  }

  /// Creates it, empty.
  func create() async throws {
    let quoted = name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
    try await server.psql("CREATE DATABASE \"\(quoted)\" OWNER \(server.master.user)")
  }

  /// A second database of this test.
  func another(_ suffix: String) -> TestDatabase {
    TestDatabase(server: server, serverName: serverName, name: "\(name)_\(suffix)", folder: folder)
  }

  /// Drops what tests have made on this server, also those of an earlier run that was killed: their databases, and
  /// every role that is not the server's own.
  private func removeRemains() async throws {
    let others = "rolname !~ '^(pg_|rds)' AND rolname NOT IN ('postgres', '\(Self.ownerOfManyTables)')"
    try await server.psql(
      """
      SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database
      WHERE datname LIKE '\(Self.prefix)%' \\gexec
      SELECT format('DROP OWNED BY %I', rolname) FROM pg_roles WHERE \(others) \\gexec
      SELECT format('DROP ROLE %I', rolname) FROM pg_roles WHERE \(others) \\gexec
      """)
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

  /// `dbauth-admin setup …` as users call it, with the journal in this test's folder.
  func setup(
    _ command: String, _ options: [String] = [], as login: Login? = nil, journal: String? = nil,
    whileRunning: @Sendable (ChildProcess.Running) async throws -> Void = { _ in }
  ) async throws -> ChildProcess.Result {
    var arguments = ["setup", command] + options
    if command != "verify" { arguments += ["--journal", journal ?? self.journal] }
    return try await CommandLineTool.run(
      arguments, environment: server.environment(login ?? serverName.administrator, database: name),
      folder: folder,
      whileRunning: whileRunning)
  }
}
