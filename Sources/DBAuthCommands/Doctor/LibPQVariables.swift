internal import FoundationEssentials
internal import Glibc

/// libpq's own variables in the process's environment.
enum LibPQVariables {
  /// Takes them out, once they have been read.
  ///
  /// doctor connects as two people, and libpq gets every parameter explicitly: a PGPASSWORD or PGHOSTADDR that is the
  /// target's must not become the administrator's.
  static func withdraw() {
    for name in ProcessInfo.processInfo.environment.keys where name.hasPrefix("PG") { unsetenv(name) }
  }
}
