internal import AccessModel
internal import Glibc
internal import Postgres
internal import Provisioning
internal import Targets

/// The way to the server for the login that setup works as: the master's password goes nowhere else.
struct MasterConnection {
  private(set) var parameters: ConnectionParameters
  let transport: SecretTransport
  /// The host that DNS leads to an endpoint, and that endpoint; nil when no host is such an alias.
  private let alias: (host: HostName, endpoint: HostName)?
  /// The methods that the login is limited to, and who limits it.
  private let methods: (required: RequiredMethods, source: String)?
  /// What stands in messages anyway. A password that is one of these is none.
  private let publicNames: [String]

  /// Decides how to connect, from the flags and libpq's files and environment; sends nothing but a question to DNS.
  ///
  /// - Throws: what ``ConnectionSettings`` throws, or ``MalformedConninfo``.
  nonisolated(nonsending) init(_ options: ConnectionOptions, environment: Environment) async throws {
    let settings = try ConnectionSettings(options.flags, environment: environment, readsPasswordFile: false)
    ArgumentSecrets.hideMisplaced(in: settings.values)
    if case .conninfo(let words)? = settings.problems.first?.kind { throw MalformedConninfo(words: words) }
    methods = settings.setting("require_auth").map { (RequiredMethods($0.value), "\($0.source)") }
    if let methods, methods.required.way == .impossible { throw Self.unlimited(methods) }
    // With hostaddr libpq asks nobody.
    alias = settings["hostaddr"] == nil ? await Self.alias(among: settings["host"] ?? "") : nil
    let sendsNothing = options.noPassword && !options.askPassword && Self.hasNoSecret(options, environment)
    let local = await LocalHosts(settings, until: .now + Self.lookupPatience)
    transport = SecretTransport(
      settings, environment: environment, of: .password, isAlias: alias != nil,
      isThisMachine: local.contains, fileExists: { access($0, F_OK) == 0 })
    parameters = options.parameters
    parameters.settings = SessionSettings(statementTimeout: options.statementTimeout.duration)
    parameters.redactor = Redactor(settings.secrets)
    publicNames = ["host", "hostaddr", "port", "user", "dbname"].compactMap { settings[$0] }
    KnownSecrets.hide(passwords: parameters.redactor.excepting(publicNames))
    // Whole seconds, at least 2, as libpq has it.
    if let seconds = settings["connect_timeout"].flatMap({ Int($0) }), 1...86_400 ~= seconds {
      parameters.connectTimeout = .seconds(max(seconds, 2))
    }
    // What was decided on is what libpq gets, whatever it would make of the same sources.
    for keyword in ["host", "hostaddr"] {
      if let value = settings[keyword] { parameters.override(keyword, value) }
    }
    if let list = local.list {
      parameters.override("host", list.hosts)
      parameters.override("hostaddr", list.addresses)
    }
    if methods?.required.way == .channelBinding { parameters.override("channel_binding", "require") }
    if sendsNothing, !transport.isExplicit, transport.mode == "require" {
      // libpq's own choice, and no password file: also one that has come since has to stay unread.
      parameters.override("sslmode", "prefer")
      parameters.override("passfile", Self.noFile)
    } else {
      parameters.override("sslmode", transport.mode)
    }
    if !transport.isExplicit, transport.verifiesChain, let file = transport.rootFile {
      parameters.override("sslrootcert", file)
    }
  }

  /// How long it may take to find out whether names below `localhost` are this machine: the system knows that by itself.
  private static let lookupPatience: Duration = .seconds(2)

  /// What the operator should know before anything secret is sent.
  var notes: [String] {
    let alias = alias.map {
      "note: \($0.host.name.escapedForDisplay) is an alias of \($0.endpoint.name.escapedForDisplay)"
    }
    return [alias, transport.warning].compactMap(\.self)
  }

  /// The first of libpq's list of hosts that is an alias.
  nonisolated(nonsending) private static func alias(
    among hosts: String
  ) async -> (host: HostName, endpoint: HostName)? {
    for text in hosts.split(separator: ",") {
      guard let host = try? HostName(String(text)),
        let endpoint = await EndpointAlias.endpoint(behind: host)
      else { continue }
      return (host, endpoint)
    }
    return nil
  }

  /// Connects.
  ///
  /// - Returns: the session and the parameters that opened it, for further sessions of the same run.
  func open(
    _ password: Secret?
  ) async throws -> (session: Session, parameters: ConnectionParameters) {
    var parameters = parameters
    parameters.password = password
    do {
      let opened =
        transport.prefersTLS
        ? try await Session.connectPreferringTLS(parameters)
        : (try await Session.connect(parameters), parameters)
      // The password file's is known only now.
      KnownSecrets.hide(passwords: opened.0.redactor.excepting(publicNames))
      return opened
    } catch let error as PostgresError {
      if let methods, methods.required.way == .channelBinding, error.message.contains("channel binding") {
        throw Self.unlimited(methods, after: error)
      }
      guard !transport.isExplicit, !transport.isExempt else { throw error }
      throw refusal(error) ?? error
    }
  }

  /// A path that can lead to no file.
  private static let noFile = "/dev/null/none"

  /// Whether nobody has a password for this login, by any of libpq's ways to one host.
  private static func hasNoSecret(_ options: ConnectionOptions, _ environment: Environment) -> Bool {
    // Who cannot read the password file as libpq does cannot say what is in it.
    guard let settings = try? ConnectionSettings(options.flags, environment: environment) else {
      return false
    }
    let hosts = (settings["host"] ?? "") + (settings["hostaddr"] ?? "")
    return settings.password == nil && settings.furtherSecrets.isEmpty && !hosts.contains(",")
  }

  /// Explains that a login is limited to methods that this libpq does not keep to, or not with this server.
  private static func unlimited(
    _ methods: (required: RequiredMethods, source: String), after error: PostgresError? = nil
  ) -> SetupProblem {
    let obstacle = "\(methods.required.obstacle) (\(methods.source.escapedForDisplay))"
    return SetupProblem(
      error == nil ? .usage : .refused, "required-methods", error?.description ?? obstacle,
      why: error == nil ? nil : obstacle, fix: methods.required.wayOut)
  }

  /// Explains a mode that nobody asked for; nil when the error has another reason.
  private func refusal(_ error: PostgresError) -> SetupProblem? {
    guard error.phase == .connecting, error.sqlstate == nil,
      error.hint == nil, error.message.contains("SSL") || error.message.contains("certificate")
    else { return nil }
    let verifies = transport.verifiesChain
    let dialled =
      alias.map { "the endpoint's own name with -h \(ShellText.word($0.endpoint.name)), and " } ?? ""
    return SetupProblem(
      .refused, "unprotected-password", error.description,
      why: "no sslmode is set, so the password goes over "
        + (verifies ? "a connection that a root file verifies only" : "an encrypted connection only"),
      fix: error.saysThereIsNoTLS
        ? "turn on TLS at the server; PGSSLMODE=prefer is for a server without, and may send the password in clear"
        : (verifies
          ? "give \(dialled)the right root certificates in PGSSLROOTCERT" : "turn on TLS at the server")
          + "; PGSSLMODE=\(verifies ? "require" : "prefer") sends the password all the same")
  }
}
