internal import CLibPQ
internal import Files
internal import Glibc

/// The files that libpq opens while it connects, looked at before: it would wait for a pipe, and read a device for ever.
enum LibPQFiles {
  /// Looks at the service files, which libpq reads before it says anything.
  ///
  /// - Throws: `PostgresError` in phase `.connecting`.
  static func checkServiceFiles() throws(PostgresError) {
    let user = variable("PGSERVICEFILE") ?? variable("HOME").map { "\($0)/.pg_service.conf" }
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
    var option = options
    while let keyword = option.pointee.keyword.map({ String(cString: $0) }) {
      if let name = defaults[keyword] {
        let value = option.pointee.val.map { String(cString: $0) } ?? ""
        if !value.isEmpty {
          try check(value)
        } else if let home = variable("HOME") {
          try check("\(home)/.postgresql/\(name)")
        }
      }
      option += 1
    }
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
