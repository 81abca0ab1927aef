public import FoundationEssentials

/// What a database token says by itself: everything in it but its secrets.
///
/// The signature and the session token are not kept, only whether they have the form that they should have.
public struct TokenReading: Sendable, Hashable {
  /// Whose token it is, by what it allows.
  public enum Service: String, Sendable, Hashable {
    /// RDS, Aurora and RDS Proxy.
    case rds
    case dsql
  }

  /// What the credentials are, by how the key id begins.
  public enum KeyKind: String, Sendable, Hashable {
    /// `AKIA`: an IAM user's own key.
    case longTerm = "long-term"
    /// `ASIA`: from STS, an instance profile or a container; useless without its session token.
    case temporary
    case unknown
  }

  /// The signature's form. SigV4's is 64 hexadecimal digits.
  public enum Signature: Sendable, Hashable {
    case complete
    case missing
    /// Replaced by asterisks or a word, as logs and URL classes do.
    case masked
    /// Digits as they should be, but too few of them.
    case short(Int)
    /// Longer, or something else than lower-case hexadecimal digits.
    case malformed
  }

  /// What is around or within the text and does not belong to it.
  public enum Blemish: String, Sendable, Hashable, CaseIterable {
    case leadingSpace = "white space at its beginning"
    case trailingSpace = "white space at its end"
    case lineBreakAtEnd = "a line break at its end"
    case spaceWithin = "white space or a line break in its middle"
    case quotes = "quotation marks around it"
    case control = "a control character"
  }

  public let service: Service
  /// What stands before the host: `https://`. Nil as it should be.
  public let scheme: String?
  /// The host in its own case, without the port.
  public let host: String
  /// The text behind the host's colon, and the number it is; nil without a colon.
  public let portText: String?
  public var port: Int? { portText.flatMap { Int($0) }.flatMap { 1...65_535 ~= $0 ? $0 : nil } }
  /// `connect`, `DbConnect` or `DbConnectAdmin`.
  public let action: String?
  /// The database user, decoded once.
  public let user: String?
  public let algorithm: String?
  /// The last four characters of the access key's id.
  public let accessKeyIDSuffix: String?
  public let keyKind: KeyKind?
  /// The scope's parts as they are: `20240102`, `eu-west-1`, `rds-db`, `aws4_request`.
  public let scope: Scope?
  /// When it was signed (`X-Amz-Date`); nil when it is missing or no time.
  public let signedAt: Date?
  /// Seconds that it asks to live (`X-Amz-Expires`); nil when missing or no number.
  public let lifetime: Int?
  public let signedHeaders: String?
  public let hasSessionToken: Bool
  public let signature: Signature
  /// Bytes, as they would be sent as a password.
  public let length: Int
  public let blemishes: Set<Blemish>
  /// Names of parameters whose values were percent-encoded twice; `token` where that is true of the whole.
  public let doublyEncoded: [String]
  /// Names of parameters that are there more than once.
  public let duplicates: [String]
  /// Names of parameters that belong there and are not.
  public let missing: [String]
  /// Names of parameters that do not belong there.
  public let foreign: [String]
  /// Whether there is something between the host and the query that should be `/`, or a fragment at the end.
  public let hasForeignPath: Bool

  /// The credential scope as written, not yet judged.
  public struct Scope: Sendable, Hashable {
    public let date, region, service, terminator: String
  }

  /// Until when a connection may be opened with it, as far as the token itself tells.
  public var expiresAt: Date? {
    guard let signedAt, let lifetime else { return nil }
    return signedAt + TimeInterval(lifetime)
  }
}
