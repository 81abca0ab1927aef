public import AccessModel
public import FoundationEssentials

/// Tokens for RDS, Aurora and RDS Proxy: a presigned `connect` of the service `rds-db`.
public enum RDSToken {
  /// Seconds that a token lives; RDS accepts no more.
  public static let lifetime = 900

  /// Signs a token. Pure: the same arguments always give the same token.
  ///
  /// - Parameters:
  ///   - host: the endpoint's own name, in any case; an alias of it is signed without complaint, and refused by RDS.
  ///   - port: the port that the client will connect to.
  ///   - user: the database user. It is data: any character is encoded.
  ///   - date: the moment to sign.
  public static func sign(
    host: String, port: Int, user: String, region: Region, credentials: AWSCredentials, date: Date
  ) -> SignedToken {
    let request = request(
      host: host, port: port, user: user, region: region, credentials: credentials, date: date)
    let query = request.signed(with: credentials.secretAccessKey)
    return SignedToken(
      text: "\(host):\(port)/?\(query)", time: date, lifetime: lifetime, credentials: credentials)
  }

  /// The request that ``sign(host:port:user:region:credentials:date:)`` signs.
  package static func request(
    host: String, port: Int, user: String, region: Region, credentials: AWSCredentials, date: Date
  ) -> PresignedQuery {
    PresignedQuery(
      // A token is a URL with https left out, and URL's own port is not part of its host header.
      signedHost: port == 443 ? host : "\(host):\(port)",
      action: [("Action", "connect"), ("DBUser", user)],
      scope: CredentialScope(time: UTCTime(date), region: region, service: "rds-db"),
      credentials: credentials, lifetime: lifetime)
  }
}
