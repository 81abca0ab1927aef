public import AccessModel
public import FoundationEssentials
public import Signing

/// Providers in the order in which they are asked; the first that has credentials wins.
public struct CredentialChain: Sendable {
  public let providers: [any CredentialProvider]

  public init(_ providers: [any CredentialProvider]) {
    self.providers = providers
  }

  /// The order of the AWS SDKs: a profile that was named on the command line is the only one asked; without one, the
  /// environment's keys, then the profile of `AWS_PROFILE` or `default`.
  public static func standard(profile: String?, environment: Environment) -> CredentialChain {
    let named = ProfileCredentials(profile: profile, environment: environment)
    return profile == nil
      ? CredentialChain([EnvironmentCredentials(environment), named])
      : CredentialChain([named])
  }

  /// Asks one provider after the other.
  ///
  /// - Parameter date: now; credentials that have already ended are refused.
  /// - Throws: ``MissingCredentials`` when nobody has any, ``ExpiredCredentials``, or a provider's own error.
  public func resolve(at date: Date) async throws -> (credentials: AWSCredentials, trail: CredentialTrail) {
    var trail = CredentialTrail()
    for provider in providers {
      switch try await provider.credentials() {
      case .absent(let reason):
        trail.record(.absent(reason: reason), by: provider)
      case .found(let credentials):
        if let end = credentials.expiration, credentials.hasExpired(at: date) {
          throw ExpiredCredentials(
            source: provider.name, accessKeyIDSuffix: credentials.accessKeyIDSuffix, end: end)
        }
        trail.record(.found(accessKeyIDSuffix: credentials.accessKeyIDSuffix), by: provider)
        return (credentials, trail)
      }
    }
    throw MissingCredentials(trail: trail)
  }
}

/// Nobody in the chain has credentials.
public struct MissingCredentials: ConfigurationError {
  public let trail: CredentialTrail

  public var description: String {
    """
    no AWS credentials were found. Asked, in this order:
    \(trail)
    Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN with temporary credentials), or name a \
    profile that has keys with --profile. `aws configure export-credentials --format env` prints the keys of a \
    profile of any kind.
    """
  }
}

/// The credentials that were found have ended; a token signed with them would be refused.
public struct ExpiredCredentials: Error, CustomStringConvertible {
  public let source: String
  public let accessKeyIDSuffix: String
  public let end: Date

  public var description: String {
    """
    the AWS credentials from \(source) (access key …\(accessKeyIDSuffix)) ended at \(UTCTime(end).iso8601), and a \
    token signed with them would be refused; sign in again to get new ones
    """
  }
}
