public import AccessModel
internal import Glibc

/// What the command line says about a connection.
public struct ConnectionFlags: Sendable {
  /// libpq keyword, value and the flag's name, for every flag that was given.
  public var flags: [(keyword: String, value: String, name: String)]
  /// `-d`: a database's name, a URI or a conninfo string.
  public var database: String?
  /// `--target`, with its file's path.
  public var target: (name: String, path: String)?
  /// Nobody has named that file; it lies in the working folder.
  public var isTargetFileFound: Bool

  public init(
    flags: [(keyword: String, value: String, name: String)] = [], database: String? = nil,
    target: (name: String, path: String)? = nil, isTargetFileFound: Bool = false
  ) {
    self.flags = flags
    self.database = database
    self.target = target
    self.isTargetFileFound = isTargetFileFound
  }
}

extension ConnectionSettings {
  /// libpq's environment variables, https://www.postgresql.org/docs/current/libpq-envars.html
  static let variables: [(variable: String, keyword: String)] = [
    ("PGHOST", "host"), ("PGHOSTADDR", "hostaddr"), ("PGPORT", "port"), ("PGDATABASE", "dbname"),
    ("PGUSER", "user"), ("PGPASSFILE", "passfile"), ("PGREQUIREAUTH", "require_auth"),
    ("PGCHANNELBINDING", "channel_binding"), ("PGOPTIONS", "options"), ("PGAPPNAME", "application_name"),
    ("PGSSLMODE", "sslmode"), ("PGSSLNEGOTIATION", "sslnegotiation"), ("PGSSLROOTCERT", "sslrootcert"),
    ("PGSSLCERT", "sslcert"), ("PGSSLKEY", "sslkey"), ("PGSSLCRL", "sslcrl"), ("PGSSLCRLDIR", "sslcrldir"),
    ("PGSSLSNI", "sslsni"), ("PGKRBSRVNAME", "krbsrvname"),
    ("PGGSSENCMODE", "gssencmode"), ("PGSSLMINPROTOCOLVERSION", "ssl_min_protocol_version"),
    ("PGSSLMAXPROTOCOLVERSION", "ssl_max_protocol_version"), ("PGCONNECT_TIMEOUT", "connect_timeout"),
    ("PGTARGETSESSIONATTRS", "target_session_attrs"), ("PGSERVICE", "service"),
  ]

  /// The same without keywords: none of them is for a secret.
  public static var shownVariables: [String] { variables.map(\.variable) }

  /// Collects the settings of every source: flags and `-d`, then the service file, the environment (libpq puts it after the
  /// service file), and the target file.
  ///
  /// - Parameter readsPasswordFile: whether the password is looked up there when nobody else has one.
  /// - Throws: ``ContradictingFlags``, ``UnknownService``, or what reading a file throws. A conninfo string that libpq refuses is
  ///   a ``SettingProblem`` instead: it is one of the faults that are diagnosed.
  public init(
    _ given: ConnectionFlags, environment: Environment, readsPasswordFile: Bool = true
  ) throws {
    self.init()
    let ownPassword = try collect(given, environment)
    try addDefaults(environment, ownPassword, readsPasswordFile: readsPasswordFile)
  }

  /// Adds what every source says; returns the password that comes with the flags or the service file.
  mutating func collect(_ given: ConnectionFlags, _ environment: Environment) throws -> SecretSetting? {
    for flag in given.flags { add(flag.keyword, flag.value, .flag(flag.name)) }
    var ownPassword: SecretSetting?
    if let database = given.database {
      if ConninfoText.isConninfo(database) {
        do {
          for (keyword, value) in try ConninfoText.parse(database) {
            if keyword == "password" {
              ownPassword = SecretSetting(value: Secret(value), source: .conninfo)
              add(keyword, value, .conninfo)
              continue
            }
            if let flag = setting(keyword), flag.value != value {
              throw ContradictingFlags(
                keyword: keyword, one: "\(flag.source) says “\(flag.value)”",
                other: "-d/--dbname says “\(value)”")
            }
            add(keyword, value, .conninfo)
          }
        } catch let error as ConninfoText.Malformed {
          problems.append(
            SettingProblem(
              .conninfo(error.message), .conninfo, mentionsToken: database.contains("Action=connect")))
        }
      } else {
        add("dbname", database, .flag("-d/--dbname"))
      }
    }
    let targetFile = try given.target.map { try TargetFile(path: $0.path, isFound: given.isTargetFileFound) }
    let entries = try given.target.flatMap { target in try targetFile?.entries(of: target.name) } ?? []
    if given.isTargetFileFound, let targetFile {
      try FoundTarget.check(entries, path: targetFile.path, self, environment)
    }
    let named = self["service"] ?? environment["PGSERVICE"] ?? entries.last { $0.key == "service" }?.value
    if let service = named {
      for (keyword, value, source) in try ServiceFile.settings(of: service, environment: environment) {
        if keyword == "password" {
          ownPassword = ownPassword ?? SecretSetting(value: Secret(value), source: source)
        }
        add(keyword, value, source)
      }
    }
    for (variable, keyword) in Self.variables {
      if let value = environment[variable] { add(keyword, value, .environment(variable)) }
    }
    if let target = given.target, let targetFile {
      for entry in entries {
        add(
          entry.key, entry.value, .targetFile(path: targetFile.path, line: entry.line, target: target.name))
      }
      if given.isTargetFileFound { try FoundTarget.check(entries, path: targetFile.path, self, environment) }
    }
    return ownPassword
  }

  /// Adds libpq's own defaults, and finds the password.
  ///
  /// - Parameter variable: the environment variable that has it.
  mutating func addDefaults(
    _ environment: Environment, _ ownPassword: SecretSetting?, variable: String = "PGPASSWORD",
    readsPasswordFile: Bool = true
  ) throws {
    if self["user"] == nil, problems.isEmpty {
      if let name = Self.operatingSystemUser {
        add("user", name, .builtIn)
      } else {
        problems.append(SettingProblem(.noUser(userID: getuid()), .builtIn))
      }
    }
    add("port", "5432", .builtIn)
    add("sslmode", "prefer", .builtIn)
    if let user = self["user"] { add("dbname", user, .builtIn) }
    if let text = environment["PGPASSWORD"] { add("password", text, .environment("PGPASSWORD")) }
    let passwordFile = self["passfile"] ?? environment["HOME"].map { "\($0)/.pgpass" }
    if let ownPassword {
      password = (ownPassword.value, ownPassword.source)
    } else if let text = environment[variable] {
      password = (Secret(text), .environment(variable))
    } else if readsPasswordFile, let passwordFile, let port = self["port"], let name = self["dbname"],
      let user = self["user"],
      let host = self["host"] ?? self["hostaddr"],
      let match = try PasswordFile.match(
        path: passwordFile, host: host, port: port, database: name, user: user)
    {
      passwordLine = match
      password = (match.password, .passwordFile(path: match.path, line: match.line))
    }
  }

  private static var operatingSystemUser: String? {
    getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) }
  }
}

/// Two things on the command line that cannot both hold.
public struct ContradictingFlags: ConfigurationError, Hashable {
  public let keyword, one, other: String

  public init(keyword: String, one: String, other: String) {
    (self.keyword, self.one, self.other) = (keyword, one, other)
  }

  public var description: String {
    "the \(keyword) is given twice, and differently: \(one), \(other); leave one of them out"
  }
}
