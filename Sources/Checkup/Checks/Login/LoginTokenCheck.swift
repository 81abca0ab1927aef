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
    let evidence = await run.evidence
    let attempt: LoginAttempt
    switch await LoginAttempt.prepared(run) {
    case .ready(let ready): attempt = ready
    case .impossible(let reason): return .unknown(reason)
    }
    if evidence.usesToken, !attempt.isEncrypted {
      return .fail("not tried: a token is not sent over a connection without encryption")
    }
    await run.announce(attempt.notes)
    var (facts, session, timeline) = await attempt.logIn(until: run.deadline(deadline))
    if !facts.succeeded, facts.message.contains("PAM authentication failed"), run.request.samples > 1 {
      facts.attempts = await repeated(attempt, run)
    }
    if let reason = attempt.unlimited(facts) { return .unknown(reason) }
    await run.record { [facts, timeline] in
      $0.login = facts
      $0.timing = timeline.map { TimingFacts(sample: $0, names: evidence.lookup, evidence) }
    }
    if let session { await run.keep(session) }
    var items = [
      EvidenceItem(
        "as", "\(evidence.target.user) with \(facts.credential == .token ? "a token" : "a password")"),
      EvidenceItem("sent to", "\(attempt.name), sslmode=\(attempt.mode)"),
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
  /// The methods that this login is limited to, where libpq needs channel binding for it, and the target does not.
  private let methods: RequiredMethods?
  /// The name that is dialled.
  let name: String
  let mode: String
  /// What the user should know before.
  let notes: [String]
  var isEncrypted: Bool { mode != "disable" }

  /// Whether there is anything to try.
  enum Preparation: Sendable {
    case ready(LoginAttempt)
    /// For a reason that is no fault of the target's.
    case impossible(String)
  }

  /// The login with the run's own token or password, or as somebody else with a password.
  static func prepared(
    _ run: CheckupRun, insteadAs other: (user: String, password: Secret)? = nil
  ) async -> Preparation {
    let evidence = await run.evidence
    guard let address = await run.reachable else { return .impossible("no address answered") }
    let credential: LoginFacts.Credential = evidence.usesToken && other == nil ? .token : .password
    let clearance = SecretClearance(
      evidence, of: credential == .token ? .token : .password, environment: run.request.environment)
    guard case .granted(let mode) = clearance.decision else {
      return .impossible("not tried: \(clearance.reason)")
    }
    let methods = evidence.target.settings.requiredMethods
    if let methods, let method = other == nil ? evidence.answer?.method : nil, !methods.allows(method) {
      return .impossible("not tried: \(methods.ruling(out: method)), the method that the server asks for")
    }
    if let methods, methods.way == .impossible || methods.way == .channelBinding && mode == "disable" {
      return .impossible("not tried: \(methods.obstacle); \(methods.wayOut)")
    }
    let secret = if let other { other.password } else { await run.token }
    var attempt = LoginAttempt(
      evidence.target, address, clearance, mode, credential, user: other?.user, secret,
      clearance.notes(evidence))
    attempt.parameters.redactor = await run.redactor
    return .ready(attempt)
  }

  private init(
    _ target: TargetFacts, _ address: SocketAddress, _ clearance: SecretClearance, _ mode: String,
    _ credential: LoginFacts.Credential, user: String?, _ secret: Secret?, _ notes: [String]
  ) {
    name = clearance.name
    self.mode = mode
    self.credential = credential
    self.notes = notes
    let settings = target.settings
    for keyword in Self.passedOn { parameters.set(keyword, settings[keyword]) }
    for (keyword, value) in settings.furtherSecrets where keyword == "sslpassword" {
      parameters.set(keyword, value.exposed)
    }
    if clearance.transport.verifiesChain, let file = clearance.transport.rootFile {
      parameters.set("sslrootcert", file)
    }
    methods = settings.requiredMethods.flatMap {
      $0.way == .channelBinding && settings["channel_binding"] != "require" ? $0 : nil
    }
    if ConnectionSettings.isKnownToLibPQ("require_auth") {
      parameters.set("require_auth", settings["require_auth"])
    }
    if methods != nil { parameters.set("channel_binding", "require") }
    parameters.set("host", name)
    parameters.set("hostaddr", address.host)
    parameters.set("port", String(address.port))
    parameters.set("user", user ?? target.user)
    parameters.set("sslmode", mode)
    parameters.set("application_name", "dbauth-admin doctor")
    parameters.override("dbname", target.database)
    parameters.password = secret
  }

  /// What of the target's parameters libpq 15 knows and the login needs.
  private static let passedOn = [
    "sslrootcert", "sslcert", "sslkey", "sslcrl", "sslcrldir", "sslsni", "krbsrvname",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "gssencmode", "channel_binding", "options", "target_session_attrs",
  ]

  /// Why a login that failed says nothing about the application's.
  func unlimited(_ facts: LoginFacts) -> String? {
    guard let methods, facts.message.contains("channel binding") else { return nil }
    return "not finished (\(facts.message)): \(methods.obstacle); \(methods.wayOut)"
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
        message: error.message, phase: timeline.current,
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
