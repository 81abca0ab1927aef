public import Signing

/// A place that AWS credentials may come from: the environment, a file, a service.
public protocol CredentialProvider: Sendable {
  /// What the trail calls this place: `the environment`.
  var name: String { get }

  /// Looks for credentials.
  ///
  /// - Returns: what was found, or why there is nothing here, which sends the chain on to the next provider.
  /// - Throws: when the place is there but broken, for example a key without its secret. The chain ends, because
  ///   going on would sign with an identity that the user did not mean.
  func credentials() async throws -> CredentialAnswer
}

/// What a provider answers.
public enum CredentialAnswer: Sendable, Hashable {
  case found(AWSCredentials)
  /// There is nothing here, and why: `AWS_ACCESS_KEY_ID is not set`.
  case absent(String)
}
