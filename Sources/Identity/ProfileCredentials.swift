public import AccessModel
internal import FoundationEssentials
internal import Signing

/// Keys that stand in a profile of the shared files.
public struct ProfileCredentials: CredentialProvider {
  private let named: String?
  private let environment: Environment

  /// - Parameter profile: the profile named by the user; nil takes `AWS_PROFILE`'s or `default`.
  public init(profile: String?, environment: Environment) {
    named = profile
    self.environment = environment
  }

  private var profile: String { SharedProfiles.selected(named, environment: environment) }

  public var name: String { "profile “\(profile)”" }

  public func credentials() async throws -> CredentialAnswer {
    let profiles = try SharedProfiles(environment: environment)
    guard profiles.contains(profile) else {
      // A profile that somebody asked for has to exist; `default` need not.
      if named != nil || environment.first(of: "AWS_PROFILE", "AWS_DEFAULT_PROFILE") != nil {
        throw UnknownProfile(name: profile, paths: profiles.paths, known: profiles.names)
      }
      return .absent("no such profile in \(profiles.paths.joined(separator: " or "))")
    }
    try refuse(Self.beforeKeys, in: profiles)
    let keyID = profiles.setting("aws_access_key_id", of: profile)
    let secret = profiles.setting("aws_secret_access_key", of: profile)
    switch (keyID, secret) {
    case (let keyID?, let secret?):
      return .found(try credentials(keyID: keyID, secret: secret, in: profiles))
    case (let keyID?, nil):
      throw IncompleteCredentials(
        place: "\(name) (\(keyID.place))", present: "aws_access_key_id", missing: "aws_secret_access_key")
    case (nil, let secret?):
      throw IncompleteCredentials(
        place: "\(name) (\(secret.place))", present: "aws_secret_access_key", missing: "aws_access_key_id")
    case (nil, nil):
      try refuse(Self.afterKeys, in: profiles)
      return .absent("it has no aws_access_key_id")
    }
  }

  private func credentials(
    keyID: SharedProfiles.Setting, secret: SharedProfiles.Setting, in profiles: SharedProfiles
  ) throws -> AWSCredentials {
    let sessionToken = profiles.setting("aws_session_token", of: profile)
    for (name, setting) in [
      ("aws_access_key_id", keyID), ("aws_secret_access_key", secret), ("aws_session_token", sessionToken),
    ] {
      guard let setting, setting.value.contains(where: \.isWhitespace) else { continue }
      throw MalformedCredential(place: setting.place, name: name, problem: .whiteSpace)
    }
    // Sign-in programs write this beside the keys that they got; the SDKs have no setting for it.
    let end = profiles.setting("x_security_token_expires", of: profile)
    return AWSCredentials(
      accessKeyID: keyID.value, secretAccessKey: Secret(secret.value),
      sessionToken: sessionToken.map { Secret($0.value) }, expiration: end.flatMap { ISO8601.date($0.value) })
  }

  /// Ways to credentials that the SDKs prefer to keys in the same profile.
  private static let beforeKeys = [
    "role_arn", "web_identity_token_file", "sso_session", "sso_start_url",
  ]
  /// Ways that count only without keys.
  private static let afterKeys = ["credential_process", "login_session"]

  private func refuse(_ names: [String], in profiles: SharedProfiles) throws {
    for name in names {
      guard let setting = profiles.setting(name, of: profile) else { continue }
      throw UnsupportedProfile(profile: profile, setting: name, place: setting.place)
    }
  }
}

/// A profile that was asked for by name is in neither file.
public struct UnknownProfile: ConfigurationError, Hashable {
  public let name: String
  public let paths: [String]
  public let known: [String]

  public var description: String {
    let there =
      known.isEmpty ? "there are no profiles there" : "profiles there: \(known.joined(separator: ", "))"
    return """
      profile “\(name)” is not in \(paths.joined(separator: " or ")); \(there). In the config file a profile's \
      section is called [profile \(name)].
      """
  }
}

/// A profile whose credentials come in a way that is not read.
public struct UnsupportedProfile: ConfigurationError, Hashable {
  public let profile: String
  public let setting: String
  public let place: String

  /// Whether its credentials come from a sign-in at IAM Identity Center.
  public var isSSO: Bool { setting.hasPrefix("sso_") }

  public var description: String {
    """
    profile “\(profile)” gets its credentials by \(setting) (\(place)), which dbauth-admin does not do; let the AWS \
    CLI do it: eval "$(aws configure export-credentials --profile \(quoted) --format env)", then run this again \
    without --profile
    """
  }

  /// The profile for a shell to read: as it is when every character is harmless, in single quotes otherwise.
  private var quoted: String {
    let harmless = profile.utf8.allSatisfy { $0.isASCIIAlphanumeric || "-_.".utf8.contains($0) }
    if harmless { return profile }
    let escaped = profile.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
    return "'\(escaped)'"
  }
}
