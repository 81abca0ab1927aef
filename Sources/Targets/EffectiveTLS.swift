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

  /// - Parameter fileExists: asked for the root file's path.
  public init(_ settings: ConnectionSettings, environment: Environment, fileExists: (String) -> Bool) {
    asked = settings["sslmode"] ?? "prefer"
    let given = settings.setting("sslrootcert")
    usesSystemRoots = given?.value == "system"
    let home = environment["HOME"].map { "\($0)/.postgresql/root.crt" }
    let path = usesSystemRoots ? nil : given?.value ?? home
    let exists = path.map(fileExists) ?? false
    if asked == "require", exists {
      mode = "verify-ca"
    } else {
      mode = asked
    }
    let verifies = mode == "verify-ca" || mode == "verify-full"
    rootFile = verifies || given != nil ? path : nil
    rootSource = rootFile == nil ? nil : given?.source ?? .builtIn
  }

  /// Whether the chain is verified.
  public var verifiesChain: Bool { mode == "verify-ca" || mode == "verify-full" }
  /// Whether the certificate's names are compared with the host.
  public var verifiesName: Bool { mode == "verify-full" }
  /// Whether a connection without TLS is out of the question.
  public var demandsTLS: Bool { !["disable", "allow", "prefer"].contains(mode) }
}
