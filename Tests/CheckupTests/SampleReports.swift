import Checkup
import Testing

/// Reports made by hand, one for each way that a run can end.
enum SampleReport: String, CaseIterable, CustomTestStringConvertible {
  case healthy, failing, warnings, incomplete, hostile

  var testDescription: String { rawValue }

  var report: CheckReport {
    switch self {
    case .healthy: Samples.healthy
    case .failing: Samples.failing
    case .warnings: Samples.warnings
    case .incomplete: Samples.incomplete
    case .hostile: Samples.hostile
    }
  }
}

/// What the samples are made of.
enum Samples {
  static let tool = ToolVersions(version: "0.3.0", libpq: "15.18", openssl: "3.0.19", cAres: "1.18.1")
  static let endpoint = "orders.c9akciq32rrb.eu-west-1.rds.amazonaws.com"

  static let target = TargetSummary(
    host: endpoint, port: 5432, user: "iamuser", database: "orders", endpoint: endpoint,
    endpointKind: "instance", region: "eu-west-1", addresses: ["10.0.1.17"], sslMode: "verify-full",
    effectiveSSLMode: "verify-full")

  /// All checks passed, but for one that was not asked for.
  static let healthy = CheckReport(
    verdict: .pass, target: target, tool: tool, phases: phases, checks: healthyChecks, sslModes: healthyModes,
    duration: .milliseconds(412))

  static let phases: [PhaseTime] = [
    PhaseTime(phase: .dns, duration: .microseconds(3_120)),
    PhaseTime(phase: .tcp, duration: .microseconds(40_210), roundTrips: 1),
    PhaseTime(phase: .tlsRequest, duration: .microseconds(40_150), roundTrips: 1),
    PhaseTime(phase: .tls, duration: .microseconds(85_300), roundTrips: 2),
    PhaseTime(phase: .startup, duration: .microseconds(40_900), roundTrips: 1),
    PhaseTime(phase: .authentication, duration: .microseconds(61_440), roundTrips: 1),
    PhaseTime(phase: .ready, duration: .microseconds(310), roundTrips: 0),
  ]

  static let healthyModes: [SSLModeOutcome] = [
    SSLModeOutcome(
      mode: "disable", connects: false, encrypted: false, verified: false,
      reason: "pg_hba.conf rejects members of rds_iam without TLS"),
    SSLModeOutcome(
      mode: "allow", connects: true, encrypted: true, verified: false,
      reason: "the first try, in clear text, is refused"),
    SSLModeOutcome(
      mode: "prefer", connects: true, encrypted: true, verified: false, reason: "TLS is offered"),
    SSLModeOutcome(
      mode: "require", connects: true, encrypted: true, verified: false, reason: "TLS is offered"),
    SSLModeOutcome(
      mode: "verify-ca", connects: true, encrypted: true, verified: true,
      reason: "the chain leads to a root of the file"),
    SSLModeOutcome(
      mode: "verify-full", connects: true, encrypted: true, verified: true,
      reason: "the chain and the name are right"),
  ]

  static func pass(
    _ id: String, _ stage: Stage, _ claim: String, _ message: String, requires: [String] = [],
    microseconds: Int64 = 250
  ) -> CheckResult {
    CheckResult(
      id: id, stage: stage, claim: claim, status: .pass, message: message, requires: requires,
      duration: .microseconds(microseconds))
  }

  static func skip(_ id: String, _ stage: Stage, _ claim: String, needs: [String]) -> CheckResult {
    CheckResult(
      id: id, stage: stage, claim: claim, status: .skip, message: "", requires: needs, missing: needs)
  }

  static let healthyChecks: [CheckResult] = [
    pass("config-target", .config, "the target is complete", "host, port and user from the command line"),
    pass("config-tls", .config, "the TLS settings make sense", "verify-full with global-bundle.pem"),
    pass("config-password", .config, "the password is one that IAM can use", "a token is made for this run"),
    pass("config-options", .config, "no option stands in the way", "no option in the way"),
    pass("dns-resolve", .dns, "the name resolves", "1 address, in 3.1 ms", microseconds: 3_120),
    pass("dns-chain", .dns, "the chain of names ends", "no alias", requires: ["dns-resolve"]),
    pass(
      "dns-endpoint", .dns, "the endpoint to sign for is known", "an instance in eu-west-1",
      requires: ["dns-chain"]),
    pass(
      "dns-addresses", .dns, "the addresses can be reached from here", "10.0.1.17 is private",
      requires: ["dns-resolve"]),
    pass(
      "tcp-connect", .tcp, "the port accepts connections", "10.0.1.17 accepts, in 40.2 ms",
      requires: ["dns-resolve"], microseconds: 40_210),
    pass(
      "tls-offered", .tls, "the server offers TLS", "TLSv1.3", requires: ["tcp-connect"],
      microseconds: 125_450),
    pass(
      "tls-trust", .tls, "the chain leads to a trusted root",
      "chain verified by Amazon RDS eu-west-1 Root CA RSA2048 G1", requires: ["tls-offered"]),
    pass("tls-name", .tls, "the certificate names the host", "the name matches", requires: ["tls-offered"]),
    pass(
      "tls-expiry", .tls, "the certificate is valid for a while", "312 days left", requires: ["tls-offered"]),
    pass("tls-bundle", .tls, "the root file is healthy", "121 roots, none expires within 90 days"),
    pass("tls-versions", .tls, "no TLS version is refused", "TLSv1.2 and TLSv1.3", requires: ["tls-offered"]),
    pass(
      "tls-addresses", .tls, "all addresses show one certificate", "one address", requires: ["tls-offered"]),
    pass(
      "tls-modes", .tls, "the sslmode that was asked for works", "verify-full works",
      requires: ["tls-offered"]),
    pass(
      "route-method", .route, "the server routes the user to IAM",
      "a clear-text password is asked for: in rds_iam", requires: ["tls-offered"]),
    pass(
      "route-plaintext", .route, "clear text is refused", "rejected without TLS", requires: ["tcp-connect"]),
    pass(
      "cred-chain", .credentials, "there are AWS credentials",
      "role deploy by web identity, valid for 58 minutes"),
    pass(
      "token-facts", .token, "the token fits the target", "1,223 bytes, for this host, port, region and user",
      requires: ["cred-chain", "dns-endpoint"]),
    pass(
      "login-token", .login, "the user can log in with a token", "logged in to orders on PostgreSQL 15.18",
      requires: ["token-facts", "route-method"], microseconds: 187_000),
    pass(
      "role-attributes", .privileges, "the role may log in", "LOGIN, no connection limit",
      requires: ["login-token"]),
    pass(
      "role-memberships", .privileges, "the role's memberships are those of an IAM user",
      "directly in rds_iam, and in orders_owner", requires: ["login-token"]),
    pass(
      "role-database", .privileges, "the role may use the database", "CONNECT on orders",
      requires: ["login-token"]),
    pass(
      "role-objects", .privileges, "the role owns what it should own", "41 tables belong to orders_owner",
      requires: ["login-token"]),
    pass(
      "timing-phases", .timing, "the phases take what the protocol needs",
      "271.4 ms, 6 round trips of 40.2 ms", requires: ["login-token"]),
    CheckResult(
      id: "timing-compare", stage: .timing, claim: "IAM is no slower than a password", status: .skip,
      message: "--compare-password was not given"),
  ]
}
