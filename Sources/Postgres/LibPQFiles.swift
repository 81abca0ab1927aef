internal import CLibPQ
internal import Files
internal import Glibc

/// The files that libpq opens while it connects, looked at before: it would wait for a pipe, and read a device for ever.
enum LibPQFiles {
  /// Looks at the service files, which libpq reads before it says anything.
  ///
  /// - Throws: `PostgresError` in phase `.connecting`.
  static func checkServiceFiles() throws(PostgresError) {
    let user = variable("PGSERVICEFILE") ?? HomeFolder.path(variable("HOME")).map { "\($0)/.pg_service.conf" }
    let system = variable("PGSYSCONFDIR").map { "\($0)/pg_service.conf" }
    for path in [user, system].compactMap({ $0 }) { try check(path) }
  }

  /// Looks at the files of a connection that has begun and has not been polled yet: certificates and keys.
  ///
  /// - Throws: `PostgresError` in phase `.connecting`.
  static func check(_ connection: OpaquePointer) throws(PostgresError) {
    guard let options = PQconninfo(connection) else { return }
    defer { PQconninfoFree(options) }
    let defaults = [
      "sslrootcert": "root.crt", "sslcert": "postgresql.crt", "sslkey": "postgresql.key",
      "sslcrl": "root.crl",
    ]
    let home = HomeFolder.path(variable("HOME"))
    var values: [String: String] = [:]
    var option = options
    while let keyword = option.pointee.keyword.map({ String(cString: $0) }) {
      values[keyword] = option.pointee.val.map { String(cString: $0) } ?? ""
      option += 1
    }
    try checkKey(values["sslkey"] ?? "")
    try checkRoots(values["sslrootcert"] ?? "", mode: values["sslmode"] ?? "")
    for (keyword, name) in defaults.sorted(by: { $0.key < $1.key }) {
      if let value = values[keyword], !value.isEmpty {
        try check(value)
      } else if let home {
        try check("\(home)/.postgresql/\(name)")
      }
    }
  }

  /// Refuses an engine's name: libpq has OpenSSL load what stands before a colon as native code.
  ///
  /// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-SSLKEY
  private static func checkKey(_ key: String) throws(PostgresError) {
    guard key.contains(":") else { return }
    throw PostgresError(
      phase: .connecting,
      message:
        "sslkey has a colon: libpq would have OpenSSL load what stands before it as an engine, a program in this process",
      detail: "dbauth-admin loads no engines, whoever names them",
      hint: "name the key's file in sslkey, by a path without a colon")
  }

  /// Refuses `sslrootcert=system` where this libpq would look for a file of that name in the working folder.
  private static func checkRoots(_ roots: String, mode: String) throws(PostgresError) {
    guard roots == "system", LibPQ.versionNumber < 160_000,
      ["require", "verify-ca", "verify-full"].contains(mode)
    else { return }
    throw PostgresError(
      phase: .connecting,
      message:
        "sslrootcert=system needs libpq 16, and this is \(LibPQ.version), which takes “system” for a file's name",
      detail: "whoever puts a file of that name into the working folder would say which servers are trusted",
      hint: "name the operating system's own file: sslrootcert=/etc/ssl/certs/ca-certificates.crt")
  }

  private static func check(_ path: String) throws(PostgresError) {
    guard let status = try? FileStatus(path: path, followsLink: true), !status.isNullDevice,
      [.pipe, .device].contains(status.kind)
    else { return }
    throw PostgresError(
      phase: .connecting, message: "could not read \(path): \(FileFailure.notRegular(status.kind))")
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
