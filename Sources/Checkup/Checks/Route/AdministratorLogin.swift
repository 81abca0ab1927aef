internal import AccessModel
internal import DNS
internal import Glibc
internal import Postgres
internal import Sockets
internal import Targets

/// An administrator's login, as far as its password may go where it goes.
struct AdministratorLogin: Sendable {
  /// Whether there is anything to try.
  enum Preparation: Sendable {
    case ready(AdministratorLogin)
    /// For a reason that is no fault of the target's.
    case impossible(String)
  }

  private let parameters: ConnectionParameters
  private let prefersTLS: Bool
  /// The methods that this login is limited to, where libpq needs channel binding for it.
  private let methods: RequiredMethods?
  /// What the user should know before.
  let notes: [String]

  /// Gives the connection its address, since libpq's own lookup would block, and its sslmode.
  static func prepared(
    _ administrator: Administrator, _ run: CheckupRun, until end: ContinuousClock.Instant
  ) async -> Preparation {
    let evidence = await run.evidence
    if let methods = administrator.settings.requiredMethods, methods.way == .impossible {
      return .impossible("not asked: \(methods.obstacle); \(methods.wayOut)")
    }
    guard administrator.isElsewhere else {
      let clearance = SecretClearance(
        evidence, of: .administratorPassword, settings: administrator.settings,
        environment: run.request.environment)
      guard case .granted(let mode) = clearance.decision else {
        return .impossible("not asked: \(clearance.reason)")
      }
      let address = await run.reachable?.host ?? administrator.settings["hostaddr"]
      let login = AdministratorLogin(
        administrator, host: clearance.name, address: address, clearance.transport, mode: mode,
        clearance.notes(evidence))
      return .ready(login)
    }
    return await elsewhere(administrator, run, evidence, until: end)
  }

  /// To a host of the administrator's own.
  private static func elsewhere(
    _ administrator: Administrator, _ run: CheckupRun, _ evidence: Evidence,
    until end: ContinuousClock.Instant
  ) async -> Preparation {
    let settings = administrator.settings
    let local = await LocalHosts(settings, until: end)
    var address = settings["hostaddr"] ?? local.list?.addresses
    var endpoint: String?
    if address == nil, let name = try? HostName(administrator.host),
      name.form == .name || name.form == .localhost
    {
      let servers = run.request.nameServers
      let resolver = Resolver(servers: servers, hostsFile: servers == nil ? "/etc/hosts" : nil)
      let names = await resolver.resolve(administrator.host, until: end)
      guard let first = names.addresses.first?.address else {
        return .impossible("the administrator's host \(administrator.host.escapedForDisplay) has no address")
      }
      address = first
      if DatabaseEndpoint(name) == nil {
        endpoint = names.chain.map(\.target).first { DatabaseEndpoint($0) != nil }
      }
    }
    let transport = SecretTransport(
      settings, environment: run.request.environment, of: .administratorPassword, isAlias: endpoint != nil,
      isThisMachine: local.contains, fileExists: { access($0, F_OK) == 0 })
    let isTarget = evidence.reach.contains {
      address?.split(separator: ",").contains(Substring($0.address.host)) == true
        && $0.address.port == settings["port"].flatMap(UInt16.init)
    }
    if isTarget, !transport.isExplicit, !transport.isExempt, evidence.trust?.issues?.isEmpty == false {
      return .impossible("not asked: the certificate of that server is not trusted")
    }
    let alias = endpoint.map {
      "note: \(administrator.host.escapedForDisplay) is an alias of \($0.escapedForDisplay); "
        + "\(transport.secret.rawValue) goes to the former name only"
    }
    let login = AdministratorLogin(
      administrator, host: local.list?.hosts ?? settings["host"], address: address, transport,
      mode: transport.mode,
      [alias, transport.warning].compactMap(\.self))
    return .ready(login)
  }

  private init(
    _ administrator: Administrator, host: String?, address: String?, _ transport: SecretTransport,
    mode: String, _ notes: [String]
  ) {
    var parameters = administrator.parameters
    parameters.settings = .catalogs
    parameters.set("host", host)
    parameters.set("hostaddr", address)
    parameters.set("sslmode", mode)
    if transport.verifiesChain, let file = transport.rootFile { parameters.set("sslrootcert", file) }
    methods = administrator.settings.requiredMethods.flatMap { $0.way == .channelBinding ? $0 : nil }
    if methods != nil { parameters.set("channel_binding", "require") }
    self.parameters = parameters
    prefersTLS = mode == "prefer" && transport.prefersTLS
    self.notes = notes
  }

  /// Logs in.
  ///
  /// - Throws: `PostgresError`.
  func logIn(until end: ContinuousClock.Instant) async throws -> Session {
    var parameters = parameters
    parameters.connectTimeout = max(end - .now, .milliseconds(1))
    do {
      if prefersTLS { return try await Session.connectPreferringTLS(parameters).session }
      return try await Session.connect(parameters)
    } catch var error as PostgresError {
      if let methods, error.message.contains("channel binding") {
        error.message += "; \(methods.obstacle); \(methods.wayOut)"
      }
      throw error
    }
  }
}
