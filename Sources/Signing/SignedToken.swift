public import AccessModel
public import FoundationEssentials

/// A database token with the time in which a new connection may be opened with it.
public struct SignedToken: Hashable, Sendable {
  /// The token, to be used as the connection's password.
  public let token: Secret
  /// The second that was signed.
  public let issuedAt: Date
  /// When the token stops working: at the end of its own lifetime or of the credentials that signed it, whichever
  /// comes first. A connection opened before then stays open.
  public let expiresAt: Date

  init(text: String, time date: Date, lifetime: Int, credentials: AWSCredentials) {
    token = Secret(text)
    issuedAt = Date(timeIntervalSince1970: date.timeIntervalSince1970.rounded(.down))
    let end = issuedAt.addingTimeInterval(TimeInterval(lifetime))
    expiresAt = min(end, credentials.expiration ?? end)
  }
}
