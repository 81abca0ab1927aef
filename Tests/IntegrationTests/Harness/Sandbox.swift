import Foundation
import Glibc
import Testing

/// The servers that the tests run against: those that `DBAUTH_SANDBOX_ENV` names, or a sandbox that ends with
/// this process.
struct Sandbox: Decodable, Sendable {
  struct AWS: Decodable, Sendable {
    var region: String
    var accountId: String
    var accessKeyId: String
    var secretAccessKey: String
  }

  struct NotStarted: Error, CustomStringConvertible {
    var description: String
  }

  var aws: AWS
  var servers: [String: SandboxServer]

  /// The root of the repository.
  static let repository = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static let running = Task { try await start() }

  /// One of the servers; the first call starts them all.
  static func server(_ name: ServerName) async throws -> SandboxServer {
    guard let server = try await running.value.servers[name.rawValue] else {
      throw NotStarted(description: "the sandbox has no server \(name.rawValue)")
    }
    return server
  }

  static func aws() async throws -> AWS { try await running.value.aws }

  private static func start() async throws -> Sandbox {
    var path = ProcessInfo.processInfo.environment["DBAUTH_SANDBOX_ENV"] ?? ""
    if path.isEmpty {
      let program = repository.appending(path: "Tests/Sandbox/sandbox").path
      let result = try await ChildProcess.run(program, ["up", "--while", "\(getpid())"])
      guard result.status == 0 else {
        throw NotStarted(description: "the sandbox did not start; does `make deps` help?\n\(result.stderr)")
      }
      path = result.stdout.trimmingCharacters(in: .whitespacesAndNewlines)
    }
    return try JSONDecoder().decode(Sandbox.self, from: Data(contentsOf: URL(filePath: path)))
  }
}

/// The servers of the sandbox, by name.
enum ServerName: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case pg15RDS = "pg15-rds"
  case pg16RDS = "pg16-rds"
  case pg18RDS = "pg18-rds"
  case pg15Stock = "pg15-stock"
  case pg16Stock = "pg16-stock"
  case pg18Stock = "pg18-stock"

  var testDescription: String { rawValue }

  static let likeRDS: [ServerName] = [.pg15RDS, .pg16RDS, .pg18RDS]
  static let stock: [ServerName] = [.pg15Stock, .pg16Stock, .pg18Stock]
  var isLikeRDS: Bool { Self.likeRDS.contains(self) }

  /// Who sets up a database on this server: the master where the service lets it, else the superuser.
  var administrator: Login { isLikeRDS ? .master : .superuser }
}

/// As whom somebody connects.
enum Login: Sendable, CustomTestStringConvertible {
  case master, superuser
  /// A role whose password is its name.
  case role(String)

  var testDescription: String { "\(self)" }
}
