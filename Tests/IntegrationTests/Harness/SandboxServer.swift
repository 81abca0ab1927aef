import AccessModel
import Foundation
import Postgres

/// One server of the sandbox and the ways into it.
struct SandboxServer: Decodable, Sendable {
  struct Master: Decodable, Sendable {
    var user: String
    var password: String
  }

  struct Superuser: Decodable, Sendable {
    var user: String
    var socket: String
    var password: String?
  }

  var host: String
  var hostaddr: String
  var port: Int
  var sslmode: String
  var sslrootcert: String?
  var master: Master
  var superuser: Superuser
  var bindir: String
  /// The file with its messages.
  var log: String

  /// libpq's variables for a login: the master over TCP as in real life, the superuser over the private socket.
  func environment(_ login: Login, database: String) -> [String: String] {
    var environment = ["PGDATABASE": database, "PGPORT": "\(port)", "PGSSLMODE": "disable"]
    switch login {
    case .superuser:
      environment["PGHOST"] = superuser.socket
      environment["PGUSER"] = superuser.user
    case .master:
      environment["PGHOST"] = host
      environment["PGHOSTADDR"] = hostaddr
      environment["PGUSER"] = master.user
      environment["PGPASSWORD"] = master.password
      environment["PGSSLMODE"] = sslmode
      environment["PGSSLROOTCERT"] = sslrootcert
    case .role(let name):
      environment = self.environment(.master, database: database)
      environment["PGUSER"] = name
      environment["PGPASSWORD"] = name
    }
    return environment
  }

  /// Connects from within this process.
  func connect(
    _ login: Login, database: String, application: String = "tests", settings: SessionSettings? = nil
  )
    async throws -> Session
  {
    var parameters = ConnectionParameters()
    parameters.set("port", "\(port)")
    parameters.set("dbname", database)
    parameters.set("application_name", application)
    switch login {
    case .superuser:
      parameters.set("host", superuser.socket)
      parameters.set("user", superuser.user)
      parameters.set("sslmode", "disable")
    case .master, .role:
      parameters.set("host", host)
      parameters.set("hostaddr", hostaddr)
      parameters.set("user", master.user)
      parameters.set("sslmode", sslmode)
      parameters.set("sslrootcert", sslrootcert)
      parameters.password = Secret(master.password)
      if case .role(let name) = login {
        parameters.set("user", name)
        parameters.password = Secret(name)
      }
    }
    if let settings { parameters.settings = settings }
    return try await Session.connect(parameters)
  }

  /// Runs one of the server's own programs.
  func program(
    _ name: String, _ arguments: [String], as login: Login = .superuser, database: String,
    input: String? = nil
  ) async throws -> ChildProcess.Result {
    try await ChildProcess.run(
      "\(bindir)/\(name)", arguments, environment: environment(login, database: database), input: input)
  }

  /// Runs a script with psql and returns what it prints, unaligned and without headings.
  ///
  /// - Throws: `Refusal` with psql's message when a statement fails.
  @discardableResult
  func psql(_ script: String, as login: Login = .superuser, database: String = "postgres") async throws
    -> String
  {
    let result = try await program(
      "psql", ["-XqAt", "-v", "ON_ERROR_STOP=1"], as: login, database: database, input: script)
    guard result.status == 0 else { throw Refusal(message: result.stderr) }
    return result.stdout.trimmingCharacters(in: .newlines)
  }

  /// A statement that psql could not run, or a login that was refused.
  struct Refusal: Error, CustomStringConvertible {
    var message: String
    var description: String { message }
  }
}
