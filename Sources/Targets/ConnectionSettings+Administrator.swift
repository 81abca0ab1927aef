public import AccessModel

extension ConnectionSettings {
  /// The variables that say where files are. No other one is for an administrator's connection: PGPASSWORD, PGHOSTADDR,
  /// PGSERVICE and PGSSLMODE are the target's.
  private static let filePlaces: Set<String> = ["HOME", "PGPASSFILE", "PGSERVICEFILE", "PGSYSCONFDIR"]
  /// Where an administrator's password may stand besides its connection string and the password file.
  public static let administratorPassword = "DBAUTH_ADMIN_PASSWORD"
  /// What holds for every connection to one server, whoever logs in.
  private static let ofTheServer = [
    "host", "hostaddr", "port", "sslmode", "sslsni", "sslcert", "sslkey", "sslcrl", "sslcrldir", "gssencmode",
    "ssl_min_protocol_version", "ssl_max_protocol_version",
  ]

  /// The settings of an administrator's own connection string: to the target's server, unless it names a host.
  ///
  /// Its password is the string's or its service's own, else DBAUTH_ADMIN_PASSWORD, else the password file's line for it,
  /// never the target's. To another host, the target's sslmode counts only where it verifies.
  ///
  /// - Returns: the settings, and whether they name a host of their own.
  /// - Throws: what reading a service file or password file throws. What libpq cannot read is in ``problems``.
  public static func administrator(
    _ text: String, beside target: ConnectionSettings, environment: Environment
  ) throws -> (settings: ConnectionSettings, isElsewhere: Bool) {
    var settings = ConnectionSettings()
    let password = try settings.collect(ConnectionFlags(database: text), environment.only(filePlaces))
    let isElsewhere = settings["host"] != nil || settings["hostaddr"] != nil
    if settings["dbname"] == nil, let database = target.setting("dbname") {
      settings.add("dbname", database.value, database.source)
    }
    settings.inherit("sslrootcert", from: target)
    if !isElsewhere {
      for keyword in ofTheServer { settings.inherit(keyword, from: target) }
    } else if ["verify-ca", "verify-full"].contains(target["sslmode"]) {
      settings.inherit("sslmode", from: target)
    }
    try settings.addDefaults(
      environment.only(filePlaces.union([administratorPassword])), password, variable: administratorPassword)
    return (settings, isElsewhere)
  }

  /// Takes over a setting that is not there, unless it is only libpq's default.
  private mutating func inherit(_ keyword: String, from target: ConnectionSettings) {
    guard self[keyword] == nil, let setting = target.setting(keyword), setting.source != .builtIn else {
      return
    }
    add(keyword, setting.value, setting.source)
  }
}
