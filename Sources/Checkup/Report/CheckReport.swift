internal import Targets

/// Everything that a run of `doctor` found out.
public struct CheckReport: Sendable, Hashable {
  /// The whole run in a word.
  public enum Verdict: String, Sendable, Hashable, Codable {
    case pass, warn, fail
    /// Nothing failed, but something that was asked for could not be checked.
    case incomplete
  }

  public var verdict: Verdict
  public var target: TargetSummary
  public var tool: ToolVersions
  /// One connection's phases in order, from the login that was made or, with several samples, their medians.
  public var phases: [PhaseTime]
  public var checks: [CheckResult]
  /// All findings that count, the most probable root cause first.
  public var findings: [Finding]
  /// What each sslmode would do here, in libpq's order; empty when the server was not reached.
  public var sslModes: [SSLModeOutcome]
  /// How long the run took.
  public var duration: Duration

  public init(
    verdict: Verdict, target: TargetSummary, tool: ToolVersions, phases: [PhaseTime] = [],
    checks: [CheckResult], findings: [Finding] = [], sslModes: [SSLModeOutcome] = [],
    duration: Duration = .zero
  ) {
    self.verdict = verdict
    self.target = target
    self.tool = tool
    self.phases = phases
    self.checks = checks
    self.findings = findings
    self.sslModes = sslModes
    self.duration = duration
  }

  /// The most probable root cause, or nil when there is nothing to say.
  public var rootCause: Finding? { findings.first }
}

/// What was looked at.
public struct TargetSummary: Sendable, Hashable {
  /// The host as it was given.
  public var host: String
  public var port: Int
  public var user: String?
  public var database: String?
  /// The endpoint that tokens are signed for, when it differs from the host.
  public var endpoint: String?
  /// What kind of endpoint it is (`instance`, `cluster`, `proxy`, …), or nil for a name that is no AWS endpoint.
  public var endpointKind: String?
  public var region: String?
  /// The addresses that the host led to.
  public var addresses: [String]
  /// The sslmode that was asked for, and what libpq makes of it: `require` with a root file verifies the chain.
  public var sslMode: String
  public var effectiveSSLMode: String

  public init(
    host: String, port: Int, user: String? = nil, database: String? = nil, endpoint: String? = nil,
    endpointKind: String? = nil, region: String? = nil, addresses: [String] = [], sslMode: String,
    effectiveSSLMode: String
  ) {
    self.host = host
    self.port = port
    self.user = user
    self.database = database
    self.endpoint = endpoint
    self.endpointKind = endpointKind
    self.region = region
    self.addresses = addresses
    self.sslMode = sslMode
    self.effectiveSSLMode = effectiveSSLMode
  }
}

extension TargetSummary {
  /// What is known before anything has been looked at.
  public init(_ request: CheckupRequest) {
    let settings = request.settings
    let mode = settings["sslmode"] ?? "prefer"
    self.init(
      host: settings["host"] ?? settings["hostaddr"] ?? "", port: settings["port"].flatMap(Int.init) ?? 5432,
      user: settings["user"], database: settings["dbname"], sslMode: mode, effectiveSSLMode: mode)
  }
}

/// What looked.
public struct ToolVersions: Sendable, Hashable {
  public var version, libpq, openssl, cAres: String

  public init(version: String, libpq: String, openssl: String, cAres: String) {
    self.version = version
    self.libpq = libpq
    self.openssl = openssl
    self.cAres = cAres
  }
}

/// How long one phase of making a connection took.
public struct PhaseTime: Sendable, Hashable {
  public var phase: ConnectionPhase
  /// The median over all samples, or the only one.
  public var duration: Duration
  /// All samples, in the order in which they were taken.
  public var samples: [Duration]
  /// How many round trips the protocol needs here; nil where the server's or a service's own work decides.
  public var roundTrips: Int?

  public init(phase: ConnectionPhase, duration: Duration, samples: [Duration] = [], roundTrips: Int? = nil) {
    self.phase = phase
    self.duration = duration
    self.samples = samples.isEmpty ? [duration] : samples
    self.roundTrips = roundTrips
  }
}

/// The phases of making a connection, in order.
public enum ConnectionPhase: String, Sendable, Hashable, Codable, CaseIterable {
  case dns
  case tcp
  /// From the SSLRequest to the server's one-byte answer.
  case tlsRequest = "tls-request"
  /// The TLS handshake.
  case tls
  /// From the startup message to the server's request for a password.
  case startup
  /// From the password, or token, to AuthenticationOk.
  case authentication
  /// From AuthenticationOk to ReadyForQuery.
  case ready
}

/// What one sslmode would do at this server.
public struct SSLModeOutcome: Sendable, Hashable {
  public var mode: String
  /// Whether a connection would come about, encrypted or not.
  public var connects: Bool
  public var encrypted: Bool
  /// Whether the server's identity would be verified by this mode.
  public var verified: Bool
  /// The reason, in a few words: "the certificate names *.example.com only".
  public var reason: String

  public init(mode: String, connects: Bool, encrypted: Bool, verified: Bool, reason: String) {
    self.mode = mode
    self.connects = connects
    self.encrypted = encrypted
    self.verified = verified
    self.reason = reason
  }
}
