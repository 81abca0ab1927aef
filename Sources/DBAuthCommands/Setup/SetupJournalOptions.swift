internal import ArgumentParser
internal import Glibc
internal import Provisioning

/// Where the journal is.
struct SetupJournalOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What revert needs: how everything was before. (default: dbauth-<host>-<port>-<database>.journal here)",
      valueName: "file"))
  var journal: String?

  func path(host: String, port: Int, database: String) -> String {
    journal ?? "dbauth-\(Self.fileName(host))-\(port)-\(Self.fileName(database)).journal"
  }

  /// The journal's path, if there is one.
  static func existing(_ path: String) -> String? { access(path, F_OK) == 0 ? path : nil }

  /// Roles that the journal, if there is one, shows setup to have created.
  static func createdRoles(_ path: String) throws -> [CreatedRole] {
    guard access(path, F_OK) == 0 else { return [] }
    return try Journal.createdRoles(path)
  }

  /// What the journal, if there is one, shows earlier runs to have moved.
  static func moves(_ path: String, database: String) throws -> JournaledMoves {
    access(path, F_OK) == 0 ? try Journal.moves(path, database: database) : JournaledMoves()
  }

  /// Who was a member of rds_iam before, if there is a journal that tells.
  static func membersBefore(_ path: String, database: String) throws -> Set<String>? {
    access(path, F_OK) == 0 ? try Journal.membersBefore(path, database: database) : nil
  }

  private static func fileName(_ text: String) -> String {
    String(
      text.map {
        $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "." || $0 == "-" || $0 == "_") ? $0 : "_"
      })
  }
}
