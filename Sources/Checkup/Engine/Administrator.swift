public import AccessModel
internal import Postgres
public import Targets

/// An administrator's connection (`--admin`), for what the login itself may not see.
public struct Administrator: Sendable {
  /// Its own settings, with what it shares with the target's where it goes to the same server.
  public var settings: ConnectionSettings
  /// Whether its connection string names a host of its own.
  public var isElsewhere: Bool

  public init(settings: ConnectionSettings, isElsewhere: Bool) {
    self.settings = settings
    self.isElsewhere = isElsewhere
  }

  public var user: String { settings["user"] ?? "" }
  public var password: Secret? { settings.password?.value }
  var host: String { settings["host"] ?? settings["hostaddr"] ?? "" }

  /// libpq's parameters, every one of them explicit, but for where and how to connect.
  var parameters: ConnectionParameters {
    var parameters = ConnectionParameters()
    for keyword in settings.settings.keys.sorted() where Self.isPassedOn(keyword) {
      parameters.set(keyword, settings[keyword])
    }
    for (keyword, value) in settings.furtherSecrets where Self.isPassedOn(keyword) {
      parameters.set(keyword, value.exposed)
    }
    parameters.set("application_name", "dbauth-admin doctor")
    if let database = settings["dbname"] { parameters.override("dbname", database) }
    parameters.password = password
    return parameters
  }

  private static func isPassedOn(_ keyword: String) -> Bool {
    !decidedLater.contains(keyword) && ConnectionSettings.isKnownToLibPQ(keyword)
  }

  /// What depends on what has been seen of the server, and `service`, which has been read already.
  private static let decidedLater: Set<String> = [
    "host", "hostaddr", "sslmode", "dbname", "service", "application_name",
  ]
}
