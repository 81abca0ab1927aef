internal import AccessModel
internal import ArgumentParser
internal import Glibc
internal import Postgres
internal import Targets

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

  @Option(
    help: ArgumentHelp(
      "The longest that the server may take over one statement (500ms, 2s, 1min).", valueName: "time"))
  var statementTimeout = TimeSpan(argument: "1min")!

  func validate() throws {
    if let host, !host.hasPrefix("@"), !host.hasPrefix("/"), host.contains("@") {
      throw ValidationError(
        "-h/--host takes a name or an address alone: what stands before the @ goes into -U and PGPASSWORD.")
    }
  }

  var parameters: ConnectionParameters {
    var parameters = ConnectionParameters()
    parameters.set("host", host)
    parameters.set("port", port.map(String.init))
    parameters.set("user", username)
    parameters.set("dbname", dbname.map(ConnectionSettings.conninfo))
    parameters.set("application_name", "dbauth-admin setup")
    return parameters
  }

  /// The same for finding out who set what.
  var flags: ConnectionFlags {
    let given = [
      ("host", host, "-h/--host"), ("port", port.map(String.init), "-p/--port"),
      ("user", username, "-U/--username"),
    ]
    let flags = given.compactMap { keyword, value, name in
      value.map { (keyword: keyword, value: $0, name: name) }
    }
    return ConnectionFlags(flags: flags, database: dbname)
  }

  /// Connects, asking for a password on the terminal when the server wants one.
  ///
  /// - Returns: the session and the parameters that opened it, for further sessions of the same run.
  func connect() async throws -> (session: Session, parameters: ConnectionParameters) {
    let connection = try await MasterConnection(self, environment: .process)
    for note in connection.notes { Terminal.writeNote(note) }
    do {
      return try await connection.open(askPassword ? PasswordPrompt.read("Password: ") : nil)
    } catch let error as PostgresError where error.needsPassword && !noPassword && isatty(STDIN_FILENO) == 1 {
      return try await connection.open(PasswordPrompt.read("Password: "))
    }
  }
}
