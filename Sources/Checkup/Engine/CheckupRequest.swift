public import AccessModel
public import DNS
public import FoundationEssentials
public import Targets

/// What a run of checks is asked to do. Everything that it depends on is in here: nothing is read from the process.
public struct CheckupRequest: Sendable {
  public var settings: ConnectionSettings
  public var environment: Environment
  /// Now.
  public var date: Date
  /// The password to log in with; nil makes a token.
  public var givenPassword: Secret?
  /// `--token-host` and its port.
  public var tokenHost: HostName?
  public var tokenPort: Int?
  public var region: String?
  /// Who said the region: `--region`, or the file whose target it is.
  public var regionSource: String?
  public var profile: String?
  /// An administrator's connection, for what the login itself may not see.
  public var administrator: Administrator?
  /// Told what the user should know before a secret leaves.
  public var announce: @Sendable (String) -> Void = { _ in }
  /// Nil asks the system's name servers.
  public var nameServers: [NameServer]?
  /// Nothing that goes over the network.
  public var offline = false
  public var samples = 1
  public var budgets: [ConnectionPhase: Duration] = [:]
  /// A password login to measure beside the token's.
  public var comparison: (user: String, password: Secret)?
  public var timeout: Duration = .seconds(30)
  /// Checks or stages by name; empty is all.
  public var only: Set<String> = []
  public var skip: Set<String> = []
  /// Checks or diagnoses that do not count, with the reason.
  public var ignored: [String: String] = [:]
  public var version = ""

  public init(settings: ConnectionSettings, environment: Environment, date: Date) {
    self.settings = settings
    self.environment = environment
    self.date = date
  }
}
