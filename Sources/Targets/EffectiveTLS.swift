public import AccessModel

/// What libpq makes of the TLS parameters, by fe-connect.c and fe-secure-openssl.c.
public struct EffectiveTLS: Sendable, Hashable {
  /// The six modes, weakest first.
  public static let modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]

  /// The mode as it was given.
  public let asked: String
  /// The mode that results: `require` with a root file present verifies like `verify-ca`.
  public let mode: String
  /// The file of root certificates, whether it exists or not; nil when no mode of verification is in force.
  public let rootFile: String?
  /// Who named the root file; `.builtIn` for `~/.postgresql/root.crt`.
  public let rootSource: SettingSource?
  /// `sslrootcert=system`: the operating system's roots.
  public let usesSystemRoots: Bool
  /// The file of revocation lists, whether it exists or not: `~/.postgresql/root.crl` where nobody names one.
  public let revocationFile: String?

  /// - Parameter fileExists: asked for the root file's path.
  public init(_ settings: ConnectionSettings, environment: Environment, fileExists: (String) -> Bool) {
    let given = settings.setting("sslrootcert")
    usesSystemRoots = given?.value == "system"
    // libpq 16 and later: with the system's roots the default is verify-full.
    let isDefault = settings.setting("sslmode").map { $0.source == .builtIn } ?? true
    asked = usesSystemRoots && isDefault ? "verify-full" : settings["sslmode"] ?? "prefer"
    let home = environment["HOME"].map { "\($0)/.postgresql/root.crt" }
    revocationFile =
      settings["sslcrl"]
      ?? (settings["sslcrldir"] == nil ? environment["HOME"].map { "\($0)/.postgresql/root.crl" } : nil)
    let path = usesSystemRoots ? nil : given?.value ?? home
    let exists = path.map(fileExists) ?? false
    if asked == "require", exists {
      mode = "verify-ca"
    } else {
      mode = asked
    }
    let insists = mode == "verify-ca" || mode == "verify-full"
    verifiesChain = insists || exists && ["allow", "prefer"].contains(asked)
    rootFile = verifiesChain || given != nil ? path : nil
    rootSource = rootFile == nil ? nil : given?.source ?? .builtIn
  }

  /// Whether a connection with TLS verifies the chain: also with prefer and allow, when there is a root file.
  public let verifiesChain: Bool
  /// Whether the certificate's names are compared with the host.
  public var verifiesName: Bool { mode == "verify-full" }
  /// Whether a connection without TLS is out of the question.
  public var demandsTLS: Bool { !["disable", "allow", "prefer"].contains(mode) }
}
