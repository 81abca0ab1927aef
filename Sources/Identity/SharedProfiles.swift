public import AccessModel

/// The profiles of the two shared files together.
public struct SharedProfiles: Sendable {
  /// A value with the place it stands in, as `~/.aws/config:12`.
  struct Setting: Sendable, Equatable {
    let value: String
    let place: String
  }

  private var profiles: [String: [String: Setting]] = [:]
  /// The files that were looked for, as errors call them.
  let paths: [String]

  /// Reads both files; one that does not exist is empty, as the AWS SDKs have it.
  ///
  /// - Throws: ``SharedConfigError`` for a line that cannot be read, ``SharedFileError`` for a file that cannot.
  public init(environment: Environment) throws {
    let config = SharedFile(
      variable: "AWS_CONFIG_FILE", standard: "~/.aws/config", environment: environment)
    let credentials = SharedFile(
      variable: "AWS_SHARED_CREDENTIALS_FILE", standard: "~/.aws/credentials", environment: environment)
    paths = [config.path, credentials.path]
    // The credentials file's settings come second, and win.
    try add(config, kind: .config)
    try add(credentials, kind: .credentials)
  }

  private mutating func add(_ file: SharedFile, kind: SharedConfigFile.Kind) throws {
    guard let text = try file.text() else { return }
    for (profile, settings) in try SharedConfigFile(text, kind: kind, path: file.path).profiles {
      let placed = settings.mapValues { Setting(value: $0.value, place: "\(file.path):\($0.line)") }
      profiles[profile, default: [:]].merge(placed) { $1 }
    }
  }

  /// The profiles' names, sorted.
  public var names: [String] { profiles.keys.sorted() }

  func contains(_ profile: String) -> Bool { profiles[profile] != nil }

  /// A setting that is there and not empty.
  func setting(_ name: String, of profile: String) -> Setting? {
    guard let setting = profiles[profile]?[name], !setting.value.isEmpty else { return nil }
    return setting
  }

  /// The region that a profile is set to use.
  ///
  /// - Throws: ``RegionSettingError`` when it is none.
  public func region(of profile: String) throws -> Region? {
    guard let setting = setting("region", of: profile) else { return nil }
    do {
      return try Region(setting.value)
    } catch {
      throw RegionSettingError(source: setting.place, error: error)
    }
  }

  /// The profile to use: the one named, else `AWS_PROFILE`, else `AWS_DEFAULT_PROFILE`, else `default`.
  public static func selected(_ named: String?, environment: Environment) -> String {
    named ?? environment.first(of: "AWS_PROFILE", "AWS_DEFAULT_PROFILE")?.value ?? "default"
  }
}

/// A region setting that is no region, and where it stands.
public struct RegionSettingError: ConfigurationError, Hashable {
  public let source: String
  public let error: RegionError

  public var description: String { "\(source): \(error)" }
}
