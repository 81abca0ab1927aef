import Foundation

/// A plain role `low` who owns databases, and fills them with code that the master should never run.
struct HostileOwner {
  /// How the master's sessions come to search the owner's schema first.
  enum Way: String, CaseIterable, Sendable {
    /// `ALTER DATABASE … SET search_path`, which every owner of a database may use.
    case database = "evil"
    /// A setting of the master's own in that database.
    case role = "Evil Schema"
    /// A schema of the master's name, which `"$user"` of the default search path finds.
    case user = "postgres"
    /// The schema that everybody searches, after pg_catalog: only closer matches of arguments are found there.
    case everybody = "public"
  }

  let database: TestDatabase

  /// Gives the databases to `low`, who sets the traps.
  func occupy(_ way: Way, _ databases: [TestDatabase]) async throws {
    try await database.server.psql("CREATE ROLE low LOGIN PASSWORD 'not used'")
    let script = try String(
      contentsOf: Sandbox.repository.appending(path: "Tests/Fixtures/hostile.sql"), encoding: .utf8)
    for occupied in databases {
      try await database.server.psql("ALTER DATABASE \(occupied.name) OWNER TO low")
      try await occupied.psql(
        "SET SESSION AUTHORIZATION low;\n\\set schema '\(way.rawValue)'\n\(script)\nCREATE TABLE public.of_low (id int);"
      )
      switch way {
      case .database:
        try await occupied.psql(
          "SET SESSION AUTHORIZATION low; ALTER DATABASE \(occupied.name) SET search_path = evil, pg_catalog, public"
        )
      case .role:
        try await occupied.psql(
          "ALTER ROLE \(database.server.master.user) IN DATABASE \(occupied.name) SET search_path = \"Evil Schema\", pg_catalog"
        )
      case .user, .everybody: break
      }
    }
  }

  /// Takes the databases from `low` again; the code and the settings stay.
  func leave(_ databases: [TestDatabase]) async throws {
    for database in databases {
      try await database.server.psql(
        "ALTER DATABASE \(database.name) OWNER TO \(database.server.master.user)")
    }
  }

  /// Forgets what the master has been made to do so far.
  func mark() throws -> Int { try log().count }

  /// Lines of the server's log since then that tell of code that ran as somebody else.
  func sprung(since mark: Int) throws -> [Substring] {
    try log().dropFirst(mark).filter { $0.contains("hostile code of \(database.name)") }
  }

  /// Whether `low` has got the master's power.
  func rules() async throws -> Bool {
    try await database.server.psql("SELECT pg_has_role('low', 'rds_superuser', 'MEMBER')") == "t"
  }

  private func log() throws -> [Substring] {
    try String(decoding: Data(contentsOf: URL(filePath: database.server.log)), as: UTF8.self)
      .split(separator: "\n")
  }
}
