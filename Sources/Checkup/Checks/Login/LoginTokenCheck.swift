internal import AccessModel
internal import DNS
internal import Postgres
internal import Sockets
internal import Targets

/// The login works, with libpq as an application has it.
struct LoginTokenCheck: Check {
  let id = "login-token"
  let stage = Stage.login
  let claim = "the login works"
  let requires = [
    "config-tls", "config-password", "config-options", "tcp-connect", "tls-offered", "tls-trust", "tls-name",
    "route-method",
    "token-facts", "dns-endpoint",
  ]
  let after = ["tls-versions", "tls-modes", "route-rules"]
  let deadline = Duration.seconds(20)
  let connections = 1

  func run(_ run: CheckupRun) async -> Outcome {
    guard let attempt = await LoginAttempt(run) else { return .unknown("no address answered") }
    let evidence = await run.evidence
    if evidence.usesToken, !attempt.isEncrypted {
      return .fail("not tried: a token is not sent over a connection without encryption")
    }
    var (facts, session, timeline) = await attempt.logIn(until: run.deadline(deadline))
    if !facts.succeeded, facts.message.contains("PAM authentication failed"), run.request.samples > 1 {
      facts.attempts = await repeated(attempt, run)
    }
    await run.record { [facts, timeline] in
      $0.login = facts
      $0.timing = timeline.map { TimingFacts(sample: $0, names: evidence.lookup, evidence) }
    }
    if let session { await run.keep(session) }
    var items = [
      EvidenceItem(
        "as", "\(evidence.target.user) with \(facts.credential == .token ? "a token" : "a password")")
    ]
    if let sqlstate = facts.sqlstate { items.append(EvidenceItem("SQLSTATE", sqlstate)) }
    if facts.succeeded, let timeline {
      return .pass("as \(evidence.target.user) in \(timeline.total.inMilliseconds)", items)
    }
    if let attempts = facts.attempts {
      items.append(EvidenceItem("attempts", "\(attempts.made), of which \(attempts.succeeded) worked"))
    }
    items.append(
      EvidenceItem(
        "phase",
        "\(facts.phase.map(\.rawValue) ?? "before the first packet"), after \(facts.phaseDuration.inMilliseconds)"
      ))
    return .fail(facts.message, items)
  }
}

extension LoginTokenCheck {
  /// Tries a login that was refused again, to tell a refusal from a server that refuses now and then.
  private func repeated(_ attempt: LoginAttempt, _ run: CheckupRun) async -> LoginFacts.Attempts {
    var attempts = LoginFacts.Attempts(made: 1, succeeded: 0)
    for _ in 1..<min(run.request.samples, 6) where ContinuousClock.now < run.end {
      let (facts, _, _) = await attempt.logIn(until: run.deadline(deadline))
      attempts.made += 1
      if facts.succeeded { attempts.succeeded += 1 }
    }
    return attempts
  }
}

/// One login as the target's user, with the target's own parameters.
struct LoginAttempt: Sendable {
  private var parameters = ConnectionParameters()
  private let credential: LoginFacts.Credential
  let isEncrypted: Bool

  /// Nil when there is no address to dial.
  init?(_ run: CheckupRun) async {
    let evidence = await run.evidence
    guard let address = await run.reachable else { return nil }
    let target = evidence.target
    let settings = target.settings
    let hasTLS = evidence.handshakes.contains { $0.observation != nil }
    let asked = evidence.tls?.asked ?? "prefer"
    // prefer and allow try twice, and the second error hides the first: the way that is taken is asked for instead.
    let mode = ["prefer", "allow"].contains(asked) ? (hasTLS ? "require" : "disable") : asked
    isEncrypted = mode != "disable"
    credential = evidence.usesToken ? .token : .password
    for keyword in Self.passedOn { parameters.set(keyword, settings[keyword]) }
    parameters.set("host", evidence.dialledName)
    parameters.set("hostaddr", address.host)
    parameters.set("port", String(address.port))
    parameters.set("user", target.user)
    parameters.set("sslmode", mode)
    parameters.set("application_name", "dbauth-admin doctor")
    parameters.override("dbname", target.database)
    parameters.password = await run.token
  }

  /// The same way, another user and password.
  func replacing(user: String, password: Secret) -> LoginAttempt {
    var copy = self
    copy.parameters.set("user", user)
    copy.parameters.password = password
    return copy
  }

  /// What of the target's parameters libpq 15 knows and the login needs.
  private static let passedOn = [
    "sslrootcert", "sslcert", "sslkey", "sslcrl", "sslsni", "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "gssencmode", "channel_binding", "options", "target_session_attrs",
  ]

  /// A server or a proxy may repeat what it was sent.
  static func redacted(_ text: String, _ secret: Secret?) -> String {
    guard let secret, !secret.isEmpty else { return text }
    return secret.withExposed { text.replacing($0, with: "(redacted)") }
  }

  /// Logs in, and tells how that went and how long each phase took.
  func logIn(
    until end: ContinuousClock.Instant
  ) async -> (facts: LoginFacts, session: Session?, timeline: ConnectionTimeline?) {
    var parameters = parameters
    parameters.connectTimeout = max(end - .now, .milliseconds(1))
    var timeline = ConnectionTimeline.beginning
    let started = ContinuousClock.now
    do {
      let session = try await Session.connect(parameters, &timeline)
      return (
        LoginFacts(credential: credential, isEncrypted: isEncrypted, succeeded: true), session, timeline
      )
    } catch let error as PostgresError {
      let elapsed = ContinuousClock.now - started
      let facts = LoginFacts(
        credential: credential, isEncrypted: isEncrypted, succeeded: false, sqlstate: error.sqlstate,
        message: Self.redacted(error.message, parameters.password), phase: timeline.current,
        phaseDuration: elapsed - timeline.total,
        timedOut: error.phase == .deadline)
      return (facts, nil, timeline)
    } catch {
      return (
        LoginFacts(credential: credential, isEncrypted: isEncrypted, succeeded: false, message: "\(error)"),
        nil, nil
      )
    }
  }
}
