public import AccessModel

/// Every connection parameter with all who set it, the one that counts first.
///
/// Keywords are libpq's, https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS. Passwords are
/// kept apart, as secrets.
public struct ConnectionSettings: Sendable, Hashable {
  /// For each keyword its settings, in order of precedence.
  public private(set) var settings: [String: [Setting]] = [:]
  /// The password that libpq would use, and who set it; nil when there is none.
  public internal(set) var password: (value: Secret, source: SettingSource)? {
    get { storedPassword.map { ($0.value, $0.source) } }
    set {
      storedPassword = newValue.map { SecretSetting(value: $0.value, source: $0.source) }
      if let newValue { secrets.append(newValue.value) }
    }
  }
  /// What is wrong with where they came from; the parameters are what could be read nevertheless.
  public internal(set) var problems: [SettingProblem] = []
  /// The line of the password file that was used, if one was.
  public internal(set) var passwordLine: PasswordFile.Match?
  private var storedPassword: SecretSetting?
  /// Every secret that any source gave, the one that counts or not; only to know what must not be shown.
  public private(set) var secrets: [Secret] = []

  /// The secret that counts of each keyword but the password, whose precedence is another.
  private var secretSettings: [String: Secret] = [:]

  public init() {}

  /// What libpq needs to know besides the password, and nobody else: `sslpassword` and its like.
  public var furtherSecrets: [(keyword: String, value: Secret)] {
    secretSettings.filter { $0.key != "password" }.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// All values of all keywords but secrets.
  public var values: [String] { settings.values.flatMap { $0.map(\.value) } }

  /// The value that counts.
  public subscript(keyword: String) -> String? { settings[keyword]?.first?.value }

  /// The setting that counts.
  public func setting(_ keyword: String) -> Setting? { settings[keyword]?.first }

  /// Adds a setting that all earlier ones beat. An empty value is no setting, as in libpq; a secret's is not kept with
  /// the settings, which are shown.
  public mutating func add(_ keyword: String, _ value: String, _ source: SettingSource) {
    guard !value.isEmpty else { return }
    if SecretKeyword.all.contains(keyword) {
      secrets.append(Secret(value))
      secretSettings[keyword] = secretSettings[keyword] ?? Secret(value)
      return
    }
    settings[keyword, default: []].append(Setting(value, source))
  }

  /// Keywords that more than one source sets to different values, for saying who beat whom.
  public var overruled: [(keyword: String, settings: [Setting])] {
    settings.filter { Set($0.value.map(\.value)).count > 1 }.sorted { $0.key < $1.key }
      .map { ($0.key, $0.value) }
  }
}

/// A password and who set it.
struct SecretSetting: Sendable, Hashable {
  var value: Secret
  var source: SettingSource
}

/// A source of settings that could not be read as one.
public struct SettingProblem: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    /// libpq's own words about a conninfo string or URI. They never hold the text itself beyond a keyword.
    case conninfo(String)
    /// Nobody says which user, and the process's user id has no name (`getpwuid`).
    case noUser(userID: UInt32)
  }

  public var kind: Kind
  public var source: SettingSource
  /// Whether a token stands in the text, whole or cut; the text itself is not kept.
  public var mentionsToken: Bool

  public init(_ kind: Kind, _ source: SettingSource, mentionsToken: Bool = false) {
    self.kind = kind
    self.source = source
    self.mentionsToken = mentionsToken
  }
}
