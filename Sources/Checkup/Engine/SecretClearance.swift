internal import AccessModel
internal import Glibc
internal import Postgres
internal import Sockets
internal import TLS
internal import Targets

/// Whether a secret may go to the target's server, and how: from what has been seen of it.
///
/// What psql would do is for the checks to say; doctor itself sends nothing that ``SecretTransport`` does not allow.
struct SecretClearance: Sendable {
  enum Decision: Sendable, Hashable {
    /// Connect with this sslmode.
    case granted(mode: String)
    /// Do not connect, for this reason.
    case refused(String)
  }

  /// The name that is dialled, and has to be the certificate's where names are verified.
  let name: String
  let transport: SecretTransport
  let decision: Decision

  /// - Parameters:
  ///   - settings: the login's own; an administrator's may differ from the target's.
  ///   - environment: for the folder that has root.crt.
  init(
    _ evidence: Evidence, of secret: SecretTransport.Secret, settings: ConnectionSettings? = nil,
    environment: Environment, fileExists: (String) -> Bool = { access($0, F_OK) == 0 }
  ) {
    let settings = settings ?? evidence.target.settings
    let isAlias = evidence.endpoint?.isAlias == true && evidence.endpoint?.endpoint != nil
    name = secret == .token ? evidence.dialledName : evidence.givenName
    let dialled = evidence.reach.first { $0.failure == nil }?.address
    let transport = SecretTransport(
      settings, environment: environment, of: secret,
      isAlias: isAlias || secret == .token && evidence.foreignName != nil,
      isThisMachine: { dialled?.isLoopback == true && LocalName.isListed($0) },
      fileExists: fileExists)
    self.transport = transport
    let leaf = evidence.handshakes.lazy.compactMap(\.leaf).first
    if isAlias, transport.isExplicit, transport.verifiesName, let leaf, !leaf.matches(host: name) {
      decision = .refused(
        "\(name) is an alias, for which there is no certificate; \(secret.rawValue) goes to the endpoint only where that is the host given"
      )
    } else {
      decision = Self.decide(evidence, transport, name)
    }
  }

  private static func decide(
    _ evidence: Evidence, _ transport: SecretTransport, _ name: String
  ) -> Decision {
    let hasTLS = evidence.handshakes.contains { $0.observation != nil }
    if transport.isExplicit || transport.isExempt {
      return .granted(mode: evidence.handshakes.isEmpty ? transport.mode : Self.way(evidence, transport.mode))
    }
    func refused(_ reason: String) -> Decision {
      .refused(
        "\(reason), and no sslmode is set: doctor does not send \(transport.secret.rawValue); psql tries prefer, as --sslmode prefer does"
      )
    }
    if let missing = transport.missingRootFile, transport.verifiesChain {
      return refused("the root file \(missing.escapedForDisplay) does not exist")
    }
    // Where nobody has looked, libpq itself insists on the mode.
    guard !evidence.handshakes.isEmpty else { return .granted(mode: transport.mode) }
    guard hasTLS else { return refused("there is no TLS") }
    guard transport.verifiesChain else { return .granted(mode: transport.mode) }
    if let issue = evidence.trust?.issues?.first {
      return refused("the certificate is not trusted (\(issue.text))")
    }
    guard transport.verifiesName else { return .granted(mode: transport.mode) }
    guard transport.rootFile != nil || evidence.tls?.usesSystemRoots == true else {
      let why =
        evidence.foreignName == nil ? "\(evidence.givenName) is an alias" : "the token is for \(name)"
      return refused("\(why), there is no root file to verify it with")
    }
    guard let leaf = evidence.handshakes.lazy.compactMap(\.leaf).first, leaf.matches(host: name) else {
      return refused("the certificate is not for \(name)")
    }
    return .granted(mode: transport.mode)
  }

  /// prefer and allow try twice, and the second error hides the first: the way that is taken is asked for instead. A
  /// handshake that failed is none of prefer's reasons to go on in plain text.
  private static func way(_ evidence: Evidence, _ mode: String) -> String {
    switch mode {
    case "prefer": evidence.handshakes.first?.answer == .refused ? "disable" : "require"
    case "allow": evidence.handshakes.contains { $0.observation != nil } ? "require" : "disable"
    default: mode
    }
  }

  /// Why it may not go there; empty when it may.
  var reason: String { if case .refused(let reason) = decision { reason } else { "" } }

  /// What the user should know before the secret leaves.
  func notes(_ evidence: Evidence) -> [String] {
    let endpoint = evidence.endpoint.flatMap { $0.isAlias ? $0.endpoint?.host : nil }
    let alias = endpoint.map {
      "note: \(evidence.givenName.escapedForDisplay) is an alias of \($0.escapedForDisplay); "
        + "\(transport.secret.rawValue) goes to \(name.escapedForDisplay)"
    }
    let foreign = transport.secret == .token ? evidence.foreignName : nil
    let away = foreign.map {
      "note: the token for \($0.escapedForDisplay) goes to \(evidence.givenName.escapedForDisplay)"
        + (name == $0 ? ", as far as its certificate is for the former" : "")
    }
    return [alias, away, transport.warning].compactMap(\.self)
  }
}

extension Evidence {
  /// The name that the user gave, as libpq would compare it with the certificate.
  var givenName: String {
    let host = target.settings["host"] ?? target.settings["hostaddr"] ?? ""
    return target.host?.hadTrailingDot == true ? host : target.host?.name ?? host
  }

  /// The name that libpq is given as `host`, and so compares with the certificate: the endpoint, where an alias leads to it
  /// and what is sent is a token for just that endpoint. A password is for the name that the user gave.
  var dialledName: String {
    if let endpoint, endpoint.isAlias, endpoint.isDialled, let signed = endpoint.endpoint {
      return signed.host
    }
    guard let foreignName else { return givenName }
    // A pooler that somebody has chosen, with a mode, may be verified by its own name.
    let isChosen = target.settings.setting("sslmode").map { $0.source != .builtIn } ?? false
    let leaf = handshakes.lazy.compactMap(\.leaf).first
    return isChosen && leaf?.matches(host: foreignName) != true ? givenName : foreignName
  }

  /// The name that the token is for, where the user gave another one, of another machine: only who has a certificate for
  /// the former may see the token.
  var foreignName: String? {
    guard let name = endpoint?.tokenName, name.lowercased() != givenName.lowercased(),
      endpoint?.isAlias != true || endpoint?.isDialled != true,
      reach.first(where: { $0.failure == nil })?.address.isLoopback != true
    else { return nil }
    return name
  }
}
