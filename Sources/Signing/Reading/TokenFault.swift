/// One thing about a token for which a login with it will fail, or may.
public struct TokenFault: Sendable, Hashable {
  /// The fault's name, which is that of the page that explains it. The order of the cases is the order of the faults:
  /// how surely each alone makes the login fail, and what hides others before what is hidden.
  public enum Slug: String, Sendable, Hashable, CaseIterable, Comparable {
    case empty = "dsn-no-password"
    case masked = "dsn-token-masked"
    case over64K = "tok-over-64k"
    case truncated = "tok-truncated"
    case lineBreak = "dsn-token-newline"
    case doubleEncoded = "tok-double-encoded"
    case schemePrefix = "tok-scheme-prefix"
    case malformed = "tok-malformed"
    case wrongService = "tok-wrong-service"
    case expired = "tok-expired"
    case expiresOver900 = "tok-expires-over-900"
    case noPort = "tok-no-port"
    case signedLocal = "tun-signed-local"
    case wrongUser = "tok-wrong-user"
    case wrongRegion = "tok-wrong-region"
    case noSessionToken = "tok-no-session-token"
    case aliasSigned = "dns-alias-signed"
    case customEndpoint = "dns-aurora-custom-endpoint"
    case wrongHost = "tok-wrong-host"
    case wrongPort = "tok-wrong-port"
    case clockSkew = "tok-clock-skew"
    case uppercaseHost = "tok-uppercase-host"
    case sizeGrowth = "tok-size-growth"

    public static func < (one: Slug, other: Slug) -> Bool { one.position < other.position }

    private var position: Int { Self.allCases.firstIndex(of: self) ?? 0 }
  }

  public enum Severity: String, Sendable, Hashable {
    /// Fails only with some clients, poolers or signers.
    case warning
    /// The login cannot work.
    case error
  }

  public let slug: Slug
  public var severity: Severity { slug == .uppercaseHost || slug == .sizeGrowth ? .warning : .error }
  /// What the token says and what would be right, as a sentence without a full stop at its end.
  public let reason: String
  /// What to do, as a sentence or a command, without a full stop at its end.
  public let fix: String

  init(_ slug: Slug, _ reason: String, fix: String) {
    self.slug = slug
    self.reason = reason
    self.fix = fix
  }
}
