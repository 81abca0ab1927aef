public import AccessModel

/// How a connection is made that carries a secret of ours.
///
/// Without an explicit sslmode nothing secret leaves this machine unencrypted, and nothing goes to a name that a root
/// file could verify and does not; where sslrootcert names a file, that has to be there and to verify. An explicit mode is obeyed, and one that is weaker than that brings a warning.
/// Loopback addresses and Unix-domain sockets are exempt.
public struct SecretTransport: Sendable, Hashable {
  /// What would be sent.
  public enum Secret: String, Sendable, Hashable, CaseIterable {
    case token = "the token"
    case password = "the password"
    case administratorPassword = "the administrator's password"
  }

  public let secret: Secret
  public let destinations: [Destination]
  /// The sslmode to connect with, libpq's `prefer` only where it is exempt or was asked for.
  public let mode: String
  /// Whether somebody set the mode.
  public let isExplicit: Bool
  /// The mode without anybody's setting it.
  public let ownChoice: String
  /// The file of root certificates, if it is there.
  public let rootFile: String?
  /// The file that somebody has named in sslrootcert and that is not there.
  public let missingRootFile: String?
  /// What the user should read before the secret leaves; nil when the mode is as strong as our own choice.
  public let warning: String?

  /// Whether everything stays on this machine.
  public var isExempt: Bool { destinations.allSatisfy(\.isLocal) }
  /// Whether libpq's own `prefer` would be asked for: TLS if the server has it, and not if it refuses.
  public var prefersTLS: Bool { mode == "prefer" && !isExempt }
  /// Whether a root file has to verify the certificate.
  public var verifiesChain: Bool { mode == "verify-ca" || verifiesName }
  /// Whether the name has to be the certificate's.
  public var verifiesName: Bool { mode == "verify-full" }

  /// - Parameters:
  ///   - isAlias: whether DNS says that the host is an alias of an AWS endpoint; then only a verified name will do.
  ///   - isThisMachine: as in ``ConnectionSettings/destinations(isThisMachine:)``.
  ///   - fileExists: asked for the root file's path.
  public init(
    _ settings: ConnectionSettings, environment: Environment, of secret: Secret, isAlias: Bool = false,
    isThisMachine: (String) -> Bool, fileExists: (String) -> Bool
  ) {
    let tls = EffectiveTLS(settings, environment: environment, fileExists: fileExists)
    self.secret = secret
    destinations = settings.destinations(isThisMachine: isThisMachine)
    isExplicit = settings.setting("sslmode").map { $0.source != .builtIn } ?? false
    let path = settings["sslrootcert"] ?? environment["HOME"].map { "\($0)/.postgresql/root.crt" }
    rootFile = tls.usesSystemRoots ? nil : path.flatMap { fileExists($0) ? $0 : nil }
    let named = tls.usesSystemRoots ? nil : settings["sslrootcert"]
    missingRootFile = rootFile == nil ? named : nil
    let hasName = destinations.contains { if case .endpoint = $0 { true } else { $0.isName } }
    if destinations.allSatisfy(\.isLocal) {
      ownChoice = "prefer"
    } else if isAlias || tls.usesSystemRoots || ((rootFile ?? named) != nil && hasName) {
      ownChoice = "verify-full"
    } else if named != nil {
      ownChoice = "verify-ca"
    } else {
      ownChoice = "require"
    }
    mode = isExplicit ? tls.asked : ownChoice
    let strength = EffectiveTLS.modes.firstIndex(of: tls.mode)
    let wanted = EffectiveTLS.modes.firstIndex(of: ownChoice)
    if isExplicit, let strength, let wanted, strength < wanted, !destinations.allSatisfy(\.isLocal) {
      let source = settings.setting("sslmode")?.source ?? .builtIn
      let flag = source == .conninfo && secret == .administratorPassword ? "--admin" : "\(source)"
      let host = settings["host"] ?? settings["hostaddr"] ?? ""
      warning =
        "warning: with sslmode=\(tls.asked) (\(flag)) \(secret.rawValue) goes to \(host.escapedForDisplay) "
        + Self.risk(of: tls.mode) + "; sslmode=verify-full with a root file is safe"
    } else {
      warning = nil
    }
  }

  /// What a weak mode means for a secret, as the end of a sentence.
  private static func risk(of mode: String) -> String {
    switch mode {
    case "disable": "unencrypted"
    case "allow": "unencrypted wherever that is accepted"
    case "prefer": "unverified, and unencrypted if TLS is refused there or on the way"
    case "require": "without verifying who answers"
    default: "without verifying its name"
    }
  }
}

extension Destination {
  fileprivate var isName: Bool { if case .name = self { true } else { false } }
}
