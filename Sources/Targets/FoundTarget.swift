public import AccessModel
internal import Glibc
internal import Sockets

/// What a target file may not decide unless the user has named it: one that was only found in the working folder may have
/// come with somebody else's repository.
enum FoundTarget {
  /// Keys that name a private key, or a file that may say anything else.
  private static let never: Set<String> = ["service", "sslcert", "sslkey"]

  /// Looks at a found file's entries, and at those of them that count.
  ///
  /// A token for one server must not go to another machine because such a file says so: `hostaddr` and `token-host` are
  /// for the ends of tunnels there, which are loopback addresses. Nor may it say who proves to be the server, or that nobody
  /// has to.
  ///
  /// - Throws: ``UnnamedTargetFile``.
  static func check(
    _ entries: [TargetFile.Entry], path: String, _ settings: ConnectionSettings, _ environment: Environment
  ) throws(UnnamedTargetFile) {
    for entry in entries {
      guard never.contains(entry.key) || counts(entry, settings) && leadsAway(entry, settings, environment)
      else { continue }
      throw UnnamedTargetFile(path: path, line: entry.line, key: entry.key)
    }
  }

  private static func counts(_ entry: TargetFile.Entry, _ settings: ConnectionSettings) -> Bool {
    if case .targetFile(_, let line, _)? = settings.setting(entry.key)?.source {
      line == entry.line
    } else {
      false
    }
  }

  private static func leadsAway(
    _ entry: TargetFile.Entry, _ settings: ConnectionSettings, _ environment: Environment
  ) -> Bool {
    switch entry.key {
    case "hostaddr": !isHere(entry.value)
    case "token-host":
      !isHere(settings["hostaddr"] ?? settings["host"] ?? "")
        && entry.value.prefix { $0 != ":" }.lowercased() != settings["host"]?.lowercased()
    case "sslrootcert":
      // The operating system's own roots are nobody's choice.
      entry.value != "system" && !isHere(settings["hostaddr"] ?? settings["host"] ?? "")
    case "sslmode":
      SecretTransport(
        settings, environment: environment, of: .token, isThisMachine: { isHere($0) },
        fileExists: { access($0, F_OK) == 0 }
      ).warning != nil
    default: false
    }
  }

  /// Whether all of a list of addresses are loopback ones.
  private static func isHere(_ list: String) -> Bool {
    list.split(separator: ",", omittingEmptySubsequences: false).allSatisfy {
      SocketAddress(String($0), port: 0)?.isLoopback == true || $0.lowercased() == "localhost"
    }
  }
}

/// A target file that was found, and decides what only one that was named may decide.
public struct UnnamedTargetFile: ConfigurationError, Hashable {
  public let path: String
  public let line: Int
  public let key: String

  public var description: String {
    let file = path.escapedForDisplay
    let reason =
      switch key {
      case "hostaddr": "it would send what is for one server to another machine"
      case "token-host": "it would send one server's token to another machine"
      case "sslrootcert": "it would say which servers are trusted with a token or password"
      case "sslmode": "it would protect a token or password less than no sslmode does"
      case "service": "a service may say where secrets go"
      default: "it names a private key or what goes with it"
      }
    return
      "\(file):\(line): \(key) is not taken from a file that was only found in the working folder: \(reason); "
      + "if you trust this file, name it: --config \(ShellText.word(file))"
  }
}
