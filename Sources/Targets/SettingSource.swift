/// Who set a connection parameter.
public enum SettingSource: Sendable, Hashable, CustomStringConvertible {
  /// A flag of the command line: `--sslmode`.
  case flag(String)
  /// The URI or conninfo string given with `-d`.
  case conninfo
  /// An environment variable: `PGSSLMODE`.
  case environment(String)
  /// A line of a service file, https://www.postgresql.org/docs/current/libpq-pgservice.html
  case serviceFile(path: String, line: Int, service: String)
  /// A line of a password file, https://www.postgresql.org/docs/current/libpq-pgpass.html
  case passwordFile(path: String, line: Int)
  /// A target of `dbauth.yaml`.
  case targetFile(path: String, line: Int, target: String)
  /// libpq's own default.
  case builtIn

  public var description: String {
    switch self {
    case .flag(let name): name
    case .conninfo: "-d/--dbname"
    case .environment(let name): name
    case .serviceFile(let path, let line, let service): "\(path):\(line) (service \(service))"
    case .passwordFile(let path, let line): "\(path):\(line)"
    case .targetFile(let path, let line, let target): "\(path):\(line) (target \(target))"
    case .builtIn: "libpq's default"
    }
  }

  /// The file and line, for a source that is one.
  public var file: (path: String, line: Int)? {
    switch self {
    case .serviceFile(let path, let line, _), .passwordFile(let path, let line),
      .targetFile(let path, let line, _):
      (path, line)
    default: nil
    }
  }
}

/// A connection parameter's value and who set it.
public struct Setting: Sendable, Hashable {
  public var value: String
  public var source: SettingSource

  public init(_ value: String, _ source: SettingSource) {
    self.value = value
    self.source = source
  }
}
