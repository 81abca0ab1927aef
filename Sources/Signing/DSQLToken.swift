public import AccessModel
public import FoundationEssentials

/// Tokens for Aurora DSQL. The database user is not in the token; being `admin` is an action of its own.
public enum DSQLToken {
  /// What the token allows, by IAM's name for it (`dsql:DbConnect`).
  public enum Action: String, Sendable, CaseIterable {
    /// Connecting as any database role that IAM lets in.
    case connect = "DbConnect"
    /// Connecting as the user `admin`.
    case connectAdmin = "DbConnectAdmin"
  }

  /// Seconds that a token lives unless asked otherwise.
  public static let defaultLifetime = 900
  /// The longest that DSQL accepts: one week.
  public static let longestLifetime = 604_800

  /// Signs a token. Pure: the same arguments always give the same token.
  ///
  /// - Parameters:
  ///   - host: the cluster's endpoint. No port is signed.
  ///   - lifetime: seconds, at most ``longestLifetime``.
  ///   - date: the moment to sign.
  public static func sign(
    host: String, action: Action, region: Region, credentials: AWSCredentials,
    lifetime: Int = defaultLifetime, date: Date
  ) -> SignedToken {
    let request = PresignedQuery(
      signedHost: host, action: [("Action", action.rawValue)],
      scope: CredentialScope(time: UTCTime(date), region: region, service: "dsql"),
      credentials: credentials, lifetime: lifetime)
    let query = request.signed(with: credentials.secretAccessKey)
    return SignedToken(text: "\(host)/?\(query)", time: date, lifetime: lifetime, credentials: credentials)
  }
}
