internal import AccessModel
internal import ArgumentParser
internal import Glibc
internal import Postgres

/// psql's connection flags. What is not given comes from libpq's environment, service and password files.
struct ConnectionOptions: ParsableArguments {
  @Option(name: [.customShort("h"), .long], help: "The server's host name. (default: PGHOST)")
  var host: String?

  @Option(name: .shortAndLong, help: "The server's port. (default: PGPORT, or 5432)")
  var port: Int?

  @Option(name: [.customShort("U"), .long], help: "The login to work as: the master user. (default: PGUSER)")
  var username: String?

  @Option(
    name: .shortAndLong, help: "The database; a URI or conninfo string is taken too. (default: PGDATABASE)")
  var dbname: String?

  @Flag(name: [.customShort("w"), .long], help: "Never ask for a password.")
  var noPassword = false

  @Flag(name: [.customShort("W"), .customLong("password")], help: "Ask for a password before connecting.")
  var askPassword = false

  var parameters: ConnectionParameters {
    var parameters = ConnectionParameters()
    parameters.set("host", host)
    parameters.set("port", port.map(String.init))
    parameters.set("user", username)
    parameters.set("dbname", dbname)
    parameters.set("application_name", "dbauth-admin setup")
    return parameters
  }

  /// Connects, asking for a password on the terminal when the server wants one.
  ///
  /// - Returns: the session and the parameters that opened it, for further sessions of the same run.
  func connect() async throws -> (session: Session, parameters: ConnectionParameters) {
    var parameters = parameters
    parameters.settings = .catalogs
    if askPassword { parameters.password = Self.askForPassword() }
    do {
      return (try await Session.connect(parameters), parameters)
    } catch let error as PostgresError where error.needsPassword && !noPassword && isatty(STDIN_FILENO) == 1 {
      parameters.password = Self.askForPassword()
      return (try await Session.connect(parameters), parameters)
    }
  }

  /// Reads a line from the terminal without showing it; `getpass` opens /dev/tty and restores it.
  private static func askForPassword() -> Secret? {
    getpass("Password: ").map { Secret(String(cString: $0)) }
  }
}
