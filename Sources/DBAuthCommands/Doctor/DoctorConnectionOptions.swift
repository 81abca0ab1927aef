internal import AccessModel
internal import ArgumentParser
internal import Checkup
internal import DNS
internal import FoundationEssentials
internal import Signing
internal import Targets

/// Where `doctor` connects to: psql's flags, and what is needed besides.
struct DoctorConnectionOptions: ParsableArguments {
  @Option(name: [.customShort("h"), .long], help: "The server's host name. (default: PGHOST)")
  var host: String?

  @Option(name: .shortAndLong, help: "The server's port. (default: PGPORT, or 5432)")
  var port: String?

  @Option(name: [.customShort("U"), .long], help: "The database user. (default: PGUSER)")
  var username: String?

  @Option(
    name: .shortAndLong, help: "The database; a URI or conninfo string is taken too. (default: PGDATABASE)")
  var dbname: String?

  @Option(
    help: "The address to dial instead of asking DNS, as at this end of a tunnel. (default: PGHOSTADDR)")
  var hostaddr: String?

  @Option(
    help:
      "libpq's sslmode. (default: PGSSLMODE, or prefer, over which doctor itself sends no secret unencrypted)"
  )
  var sslmode: String?

  @Option(help: "The file of root certificates, or system. (default: PGSSLROOTCERT)")
  var sslrootcert: String?

  @Option(help: "A target of dbauth.yaml.")
  var target: String?

  @Option(help: "The file that has the target. (default: DBAUTH_CONFIG, or dbauth.yaml)")
  var config: String?

  @Option(help: ArgumentHelp("The name server to ask instead of the system's.", valueName: "address[:port]"))
  var dnsServer: String?

  @Option(
    help:
      "An administrator's connection string, to see roles and pg_hba.conf; PGPASSWORD is not for it, DBAUTH_ADMIN_PASSWORD is."
  )
  var admin: String?

  /// The request, as far as these flags tell.
  func request(_ environment: Environment) throws -> CheckupRequest {
    if target == nil, config != nil {
      throw InvalidOption("--config names the file of a target, and no --target is given")
    }
    var flags: [(keyword: String, value: String, name: String)] = []
    for (keyword, value, name) in [
      ("host", host, "-h/--host"), ("port", port, "-p/--port"), ("user", username, "-U/--username"),
      ("hostaddr", hostaddr, "--hostaddr"), ("sslmode", sslmode, "--sslmode"),
      ("sslrootcert", sslrootcert, "--sslrootcert"),
    ] {
      if let value { flags.append((keyword, value, name)) }
    }
    let named = config ?? environment["DBAUTH_CONFIG"]
    let settings = try ConnectionSettings(
      ConnectionFlags(
        flags: flags, database: dbname, target: target.map { ($0, named ?? "dbauth.yaml") },
        isTargetFileFound: named == nil),
      environment: environment)
    ArgumentSecrets.hideMisplaced(in: settings.values)
    try check(settings)
    if named == nil { Self.sayWhatIsDecided(settings) }
    var request = CheckupRequest(settings: settings, environment: environment, date: Date())
    request.nameServers = try dnsServer.map { [try NameServer(parsing: $0)] }
    if let admin { try administrator(admin, settings, environment, &request) }
    return request
  }

  /// Says what a file that nobody named decides about where a token goes, before one does.
  private static func sayWhatIsDecided(_ settings: ConnectionSettings) {
    let decided = [
      "host", "hostaddr", "port", "user", "dbname", "sslmode", "sslrootcert", "region", "profile",
      "token-host",
    ]
    .compactMap { keyword in settings.setting(keyword).map { (keyword, $0) } }
    .filter { if case .targetFile = $1.source { true } else { false } }
    guard let source = decided.first?.1.source else { return }
    let words = decided.map { "\($0)=\($1.value.escapedForDisplay)" }.joined(separator: ", ")
    Terminal.writeError("note: \(source.description.escapedForDisplay) says \(words)")
  }

  /// What cannot be a target at all is wrong usage, and no finding.
  private func check(_ settings: ConnectionSettings) throws {
    if let problem = settings.problems.first {
      if case .conninfo(let words) = problem.kind, !problem.mentionsToken {
        throw MalformedConninfo(words: words)
      }
      return
    }
    guard let host = settings["host"] ?? settings["hostaddr"] else {
      throw MissingOption(what: "the database's host", flag: "-h/--host", variable: "PGHOST")
    }
    if host.contains("@"), settings.setting("host")?.source == .conninfo {
      throw MalformedConninfo(
        words: "there is an “@” in its user or password that is not percent-encoded (%40)")
    }
    let name = try HostName(host)
    if name.form == .socket { throw SocketTarget(path: name.name) }
    let port = settings.setting("port")
    guard let number = port.flatMap({ Int($0.value) }), 1...65_535 ~= number else {
      throw InvalidPort(text: port?.value ?? "", source: "\(port?.source ?? .builtIn)")
    }
  }

  /// The administrator's parameters: the target's own server unless the string says another.
  private func administrator(
    _ text: String, _ settings: ConnectionSettings, _ environment: Environment,
    _ request: inout CheckupRequest
  ) throws {
    let (own, isElsewhere) = try ConnectionSettings.administrator(
      text, beside: settings, environment: environment)
    ArgumentSecrets.hideMisplaced(in: own.values)
    if let problem = own.problems.first, case .conninfo(let words) = problem.kind {
      throw MalformedConninfo(words: words, flag: "--admin")
    }
    guard let user = own.setting("user"), user.source != .builtIn else { throw MissingAdministrator() }
    // A password file's line for every user may hold the target's token.
    if own.passwordLine != nil, let token = own.password?.value.withExposed({ TokenReading($0) }),
      token.user != user.value
    {
      throw ForeignToken(source: "\(own.password?.source ?? .builtIn)", user: user.value)
    }
    request.administrator = Administrator(settings: own, isElsewhere: isElsewhere)
  }
}

/// The administrator's connection string names nobody.
struct MissingAdministrator: ConfigurationError {
  let description = "--admin does not say who the administrator is: add user=…, as in --admin 'user=postgres'"
}

/// The password file has a token of somebody else's for the administrator.
struct ForeignToken: ConfigurationError {
  let source, user: String

  var description: String {
    """
    \(source.escapedForDisplay) has a token for \(user.escapedForDisplay) that is somebody else's, and so is not sent; \
    add a line for that user before it, or set \(ConnectionSettings.administratorPassword)
    """
  }
}

/// A conninfo string that libpq does not take.
struct MalformedConninfo: ConfigurationError {
  let words: String
  var flag = "-d/--dbname"

  var description: String { "\(flag) is not a connection string that libpq can read: \(words)" }
}

/// A target that is reached without a network.
struct SocketTarget: ConfigurationError {
  let path: String

  var description: String {
    "\(path.escapedForDisplay) is a Unix-domain socket; logins by identity go over TCP: pass the host with -h/--host"
  }
}
