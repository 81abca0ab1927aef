public import AccessModel
internal import FoundationEssentials
internal import Signing

/// Credentials from `AWS_ACCESS_KEY_ID` and its companions.
public struct EnvironmentCredentials: CredentialProvider {
  private let environment: Environment

  public init(_ environment: Environment) {
    self.environment = environment
  }

  public var name: String { "the environment" }

  public func credentials() async throws -> CredentialAnswer {
    guard let keyID = environment["AWS_ACCESS_KEY_ID"] else {
      return .absent(reasonForAbsence)
    }
    guard let secret = environment["AWS_SECRET_ACCESS_KEY"] else {
      throw IncompleteCredentials(
        place: "the environment", present: "AWS_ACCESS_KEY_ID", missing: "AWS_SECRET_ACCESS_KEY")
    }
    let sessionToken = environment["AWS_SESSION_TOKEN"]
    for (name, value) in [
      ("AWS_ACCESS_KEY_ID", keyID), ("AWS_SECRET_ACCESS_KEY", secret),
      ("AWS_SESSION_TOKEN", sessionToken ?? ""),
    ] where value.contains(where: \.isWhitespace) {
      throw MalformedCredential(place: "the environment", name: name, problem: .whiteSpace)
    }
    let expiration = try environment["AWS_CREDENTIAL_EXPIRATION"].map { text in
      guard let date = ISO8601.date(text) else {
        throw MalformedCredential(
          place: "the environment", name: "AWS_CREDENTIAL_EXPIRATION", problem: .date(text))
      }
      return date
    }
    return .found(
      AWSCredentials(
        accessKeyID: keyID, secretAccessKey: Secret(secret), sessionToken: sessionToken.map { Secret($0) },
        expiration: expiration))
  }

  /// Names what is set of the other ways to get credentials, so that their user learns why they do not count.
  private var reasonForAbsence: String {
    let unread = [
      "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
      "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    ].filter { environment[$0] != nil }
    if let name = unread.first {
      return "AWS_ACCESS_KEY_ID is not set (\(name) is, and dbauth-admin does not read it)"
    }
    if environment["AWS_SECRET_ACCESS_KEY"] != nil {
      return "AWS_ACCESS_KEY_ID is not set, although AWS_SECRET_ACCESS_KEY is"
    }
    return "AWS_ACCESS_KEY_ID is not set"
  }
}
