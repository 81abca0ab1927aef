import Foundation
import Glibc

/// A server of its own that is in recovery: a fresh cluster with `standby.signal`, on a socket only.
enum Standby {
  /// Runs the body with libpq's variables for the server, then ends it and removes it.
  static func run(bindir: String, _ body: ([String: String]) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "standby-\(getpid())").path
    let data = "\(folder)/data"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // PostgreSQL does not run as root: https://www.postgresql.org/docs/current/postgres-user.html
    let asRoot = geteuid() == 0
    if asRoot { _ = try await ChildProcess.run("/bin/chown", ["postgres", folder]) }
    func postgres(_ program: String, _ arguments: [String]) async throws {
      let command = ["\(bindir)/\(program)"] + arguments
      let result =
        asRoot
        ? try await ChildProcess.run("/sbin/runuser", ["-u", "postgres", "--"] + command, folder: folder)
        : try await ChildProcess.run(command[0], arguments, folder: folder)
      guard result.status == 0 else { throw SandboxServer.Refusal(message: result.output) }
    }
    try await postgres("initdb", ["-D", data, "-U", "rdsadmin", "--auth=trust", "--no-sync"])
    try Data().write(to: URL(filePath: "\(data)/standby.signal"))
    if asRoot { _ = try await ChildProcess.run("/bin/chown", ["postgres", "\(data)/standby.signal"]) }
    let options = "-c listen_addresses='' -c unix_socket_directories='\(folder)' -c fsync=off"
    try await postgres("pg_ctl", ["-D", data, "-w", "-l", "\(folder)/log", "-o", options, "start"])
    do {
      try await body([
        "PGHOST": folder, "PGPORT": "5432", "PGUSER": "rdsadmin", "PGDATABASE": "postgres", "PGSSLMODE": "disable",
      ])
    } catch {
      try await postgres("pg_ctl", ["-D", data, "-w", "-m", "immediate", "stop"])
      throw error
    }
    try await postgres("pg_ctl", ["-D", data, "-w", "-m", "immediate", "stop"])
  }
}
