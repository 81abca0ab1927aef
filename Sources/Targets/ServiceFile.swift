public import AccessModel
internal import Glibc

/// A service of libpq's service files, https://www.postgresql.org/docs/current/libpq-pgservice.html
struct ServiceFile {
  /// The keywords of `service` with the lines that they stand on.
  ///
  /// As in libpq, the user's file is looked at first (`PGSERVICEFILE`, else `~/.pg_service.conf`), and the system's only when
  /// the user's has no such service.
  ///
  /// - Throws: ``UnreadableFile``, ``UnknownService`` or ``ServiceInDirectory``.
  static func settings(
    of service: String, environment: Environment
  ) throws -> [(keyword: String, value: String, source: SettingSource)] {
    let user = environment["PGSERVICEFILE"] ?? environment["HOME"].map { "\($0)/.pg_service.conf" }
    let system = (environment["PGSYSCONFDIR"] ?? "/etc/postgresql-common") + "/pg_service.conf"
    let paths = [user, system].compactMap { $0 }
    for path in paths {
      guard let lines = try TextFile.lines(path) else { continue }
      var current: Substring?
      var found: [(String, String, SettingSource)]?
      for line in lines {
        var bare = line.text.drop { $0.isWhitespace }
        while bare.last?.isWhitespace == true { bare.removeLast() }
        if bare.isEmpty || bare.hasPrefix("#") { continue }
        if bare.hasPrefix("[") {
          current = bare.dropFirst().prefix { $0 != "]" }
          if current.map(String.init) == service { found = found ?? [] }
        } else if current.map(String.init) == service, bare.hasPrefix("ldap") {
          throw ServiceInDirectory(path: path, line: line.number, service: service)
        } else if current.map(String.init) == service, let equals = bare.firstIndex(of: "=") {
          guard line.isUTF8 else { throw UnreadableFile.notUTF8(path, line: line.number) }
          let value = String(bare[bare.index(after: equals)...])
          found?.append(
            (String(bare[..<equals]), value, .serviceFile(path: path, line: line.number, service: service)))
        }
      }
      if let found { return found }
    }
    throw UnknownService(service: service, paths: paths)
  }
}

/// No service file defines the service.
public struct UnknownService: ConfigurationError, Hashable {
  public let service: String
  public let paths: [String]

  public var description: String {
    "service “\(service.escapedForDisplay)” is in none of the service files: \(paths.joined(separator: ", "))"
  }
}

/// A service whose parameters libpq would ask a directory server for.
///
/// https://www.postgresql.org/docs/current/libpq-ldap.html: what the answer says cannot be judged before a secret is sent.
public struct ServiceInDirectory: ConfigurationError, Hashable {
  public let path: String
  public let line: Int
  public let service: String

  public var description: String {
    """
    \(path.escapedForDisplay):\(line): service “\(service.escapedForDisplay)” takes its parameters from an LDAP server, \
    which would then decide where the password goes; write host, port and dbname into the service instead
    """
  }
}
