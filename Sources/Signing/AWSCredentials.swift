public import AccessModel
public import FoundationEssentials

/// What AWS requests are signed with.
public struct AWSCredentials: Hashable, Sendable {
  /// The key's identifier. Not a secret, but an identity: reports show its last four characters.
  public let accessKeyID: String
  public let secretAccessKey: Secret
  /// Present with temporary credentials.
  public let sessionToken: Secret?
  /// When temporary credentials end, where their source told. Everything signed with them ends then, too.
  public let expiration: Date?

  public init(
    accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret? = nil, expiration: Date? = nil
  ) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
    self.expiration = expiration
  }

  /// The identifier's last four characters, enough to tell one's own keys apart.
  public var accessKeyIDSuffix: String { String(accessKeyID.suffix(4)) }

  /// Whether the credentials have ended at `date`.
  public func hasExpired(at date: Date) -> Bool {
    expiration.map { $0 <= date } ?? false
  }
}
