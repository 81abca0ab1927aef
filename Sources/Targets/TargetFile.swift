public import AccessModel
internal import Yams

/// The targets of a `dbauth.yaml`:
///
///     targets:
///       orders:
///         host: orders.abc123.eu-west-1.rds.amazonaws.com
///         user: app
///         dbname: orders
///         sslmode: verify-full
///         sslrootcert: global-bundle.pem
///         region: eu-west-1
///
/// Keys are libpq's keywords and the long names of flags (`region`, `profile`, `token-host`). Files are looked for beside
/// this one.
public struct TargetFile: Sendable {
  /// One key of a target.
  public struct Entry: Sendable, Hashable {
    public let key, value: String
    public let line: Int
  }

  /// Keys that are not libpq's.
  public static let ownKeys: Set<String> = ["region", "profile", "token-host"]
  /// Keys whose values are files.
  private static let fileKeys: Set<String> = ["sslcert", "sslcrl", "sslkey", "sslrootcert"]
  static let libpqKeys: Set<String> = [
    "application_name", "channel_binding", "connect_timeout", "dbname", "gssencmode", "host", "hostaddr",
    "options",
    "port", "require_auth", "service", "ssl_max_protocol_version", "ssl_min_protocol_version", "sslcert",
    "sslcrl",
    "sslkey", "sslmode", "sslnegotiation", "sslrootcert", "sslsni", "target_session_attrs", "user",
  ]

  public let path: String
  public let targets: [String: [Entry]]

  /// Reads a target file.
  ///
  /// - Parameter isFound: nobody has named it; it lies in the working folder.
  /// - Throws: ``UnreadableFile``, ``UntrustedTargetFile`` or ``MalformedTargetFile``.
  public init(path: String, isFound: Bool = false) throws {
    guard let text = try TargetFileTrust.read(path, isFound: isFound) else {
      throw UnreadableFile(
        path: path, reason: "there is no such file; name another with --config or DBAUTH_CONFIG")
    }
    try self.init(path: path, text: text)
  }

  init(path: String, text: String) throws {
    self.path = path
    if let line = YAMLAliases.firstLine(in: text) {
      throw MalformedTargetFile(
        path: path, line: line,
        reason: "it has an alias (*name); write the value out, or put it between quotes")
    }
    let root: Node?
    do {
      root = try Yams.compose(yaml: text)
    } catch let error as YamlError {
      throw MalformedTargetFile(
        path: path, line: error.line, reason: "it is not YAML: \(error.problem.escapedForDisplay)")
    }
    func failure(_ node: Node?, _ reason: String) -> MalformedTargetFile {
      MalformedTargetFile(path: path, line: node?.mark?.line ?? 1, reason: reason)
    }
    guard let targets = root?.mapping?["targets"]?.mapping else {
      throw failure(root, "it has no mapping “targets”, under which each target has its name")
    }
    var read: [String: [Entry]] = [:]
    for (key, value) in targets {
      let name = key.string ?? ""
      guard let keys = value.mapping else {
        throw failure(value, "target “\(name.escapedForDisplay)” is not a mapping of keys to values")
      }
      read[name] = try keys.map { key, value in
        let keyword = key.string ?? ""
        guard Self.ownKeys.union(Self.libpqKeys).contains(keyword) else {
          let reason =
            keyword == "password"
            ? "a password does not belong into this file; doctor makes a token, or takes PGPASSWORD with --password-from-env"
            : "target “\(name.escapedForDisplay)” has a key “\(keyword.escapedForDisplay)”, which is none; "
              + "the keys are " + Self.ownKeys.union(Self.libpqKeys).sorted().joined(separator: ", ")
          throw failure(key, reason)
        }
        guard let text = value.scalar?.string else {
          throw failure(value, "“\(keyword)” of target “\(name.escapedForDisplay)” is not a single value")
        }
        let place = Self.fileKeys.contains(keyword) ? Self.place(of: text, beside: path) : text
        return Entry(key: keyword, value: place, line: value.mark?.line ?? 1)
      }
    }
    self.targets = read
  }

  /// A file that the target file names, relative to the folder that the target file is in.
  private static func place(of file: String, beside path: String) -> String {
    guard !file.isEmpty, !file.hasPrefix("/"), file != "system", let slash = path.lastIndex(of: "/") else {
      return file
    }
    return path[...slash] + file
  }

  /// The entries of a target.
  ///
  /// - Throws: ``UnknownTarget``.
  public func entries(of target: String) throws(UnknownTarget) -> [Entry] {
    guard let entries = targets[target] else {
      throw UnknownTarget(target: target, path: path, known: targets.keys.sorted())
    }
    return entries
  }
}

/// A target file that cannot be read as one.
public struct MalformedTargetFile: ConfigurationError, Hashable {
  public let path: String
  public let line: Int
  public let reason: String

  public var description: String { "\(path.escapedForDisplay):\(line): \(reason)" }
}

/// The target file has no such target.
public struct UnknownTarget: ConfigurationError, Hashable {
  public let target, path: String
  public let known: [String]

  public var description: String {
    let names =
      known.isEmpty ? "it has none" : "it has \(known.map(\.escapedForDisplay).joined(separator: ", "))"
    return "\(path.escapedForDisplay) has no target “\(target.escapedForDisplay)”; \(names)"
  }
}

extension YamlError {
  fileprivate var line: Int {
    switch self {
    case .scanner(_, _, let mark, _), .parser(_, _, let mark, _), .composer(_, _, let mark, _): mark.line
    case .duplicatedKeysInMapping(_, let context): context.mark.line
    default: 1
    }
  }

  fileprivate var problem: String {
    switch self {
    case .scanner(_, let problem, _, _), .parser(_, let problem, _, _), .composer(_, let problem, _, _):
      problem
    case .duplicatedKeysInMapping(let keys, _):
      "the mapping that begins here has \(keys.joined(separator: ", ")) more than once"
    default: "\(self)"
    }
  }
}
