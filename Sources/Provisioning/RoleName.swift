internal import AccessModel
internal import Postgres

/// A role's name as the command line gives it, with the flag that it came with.
struct RoleName {
  let name: String
  let flag: String

  /// NAMEDATALEN - 1: https://www.postgresql.org/docs/current/limits.html
  static let longest = 63
  /// Words that SQL takes for a role other than one of that name. The first two can never be names, quoted or not
  /// (`IsReservedName` and `RoleSpec` in PostgreSQL's sources); the others can, in quotes.
  private static let neverNames: Set = ["public", "none"]
  private static let keywords: Set = ["current_user", "current_role", "session_user", "user"]
  /// What PostgreSQL, Amazon RDS and Azure keep for roles of their own.
  private static let systemPrefixes = ["pg_", "rds", "azure"]

  /// What can be said of the name without a server.
  ///
  /// - Throws: `SetupProblem`.
  func check() throws {
    if name.isEmpty { throw SetupProblem(.usage, "name-empty", "\(flag) is empty") }
    if name.utf8.count > Self.longest {
      throw SetupProblem(
        .usage, "name-too-long",
        "\(flag) is \(name.utf8.count) bytes long; PostgreSQL cuts names at \(Self.longest)",
        why: flag == "--iam-user"
          ? "the role would get another name than the IAM policy and the token carry"
          : "the role would get another name than the one given",
        fix: "choose a shorter name")
    }
    if Self.neverNames.contains(name.lowercased()) {
      throw SetupProblem(
        .usage, "name-reserved", "\(shown): \(name.lowercased()) is not a role",
        why: "PostgreSQL reserves the word, also in quotes", fix: "write the role's own name")
    }
  }

  /// As `check`, for a role that setup creates or hands power to.
  func checkOwn() throws {
    try check()
    if let prefix = systemPrefix {
      throw SetupProblem(
        .usage, "name-reserved",
        "\(shown): names that begin with \(prefix) are reserved",
        fix: "choose another name")
    }
  }

  /// A keyword is taken for the role that it stands for by whoever reads it; a role of that very name may exist.
  func checkKeyword(exists: Bool) throws {
    guard !exists, Self.keywords.contains(name.lowercased()) else { return }
    throw SetupProblem(
      .usage, "name-reserved",
      "\(shown): \(name.lowercased()) is a keyword of SQL",
      why: "it stands for whoever runs a statement, and no role of that name exists",
      fix: "write the role's own name")
  }

  /// Why setup cannot give a role this name, which nobody has asked for; nil: it can.
  private var unfitness: String? {
    if name.utf8.count > Self.longest {
      return "is \(name.utf8.count) bytes long, and PostgreSQL's names have \(Self.longest) at most"
    }
    return systemPrefix.map { "would begin with \($0), which is reserved" }
  }

  /// Without `--owner-role` the database's name decides.
  ///
  /// - Throws: `SetupProblem`.
  static func checkDefaultOwner(_ request: SetupRequest, database: String) throws {
    let name = request.newOwner(database: database)
    guard let unfitness = RoleName(name: name, flag: "").unfitness else { return }
    throw SetupProblem(
      .usage, "default-owner-role",
      "the owner role of this database would be \(Identifier.display(name)), whose name \(unfitness)",
      why: "by default it is called as the database, with _owner behind it",
      fix: "--owner-role NAME --create-owner-role")
  }

  /// Whether setup can create an owner role for the database without being told a name.
  static func hasDefaultOwner(database: String) -> Bool {
    RoleName(name: SetupRequest.defaultOwner(database: database), flag: "").unfitness == nil
  }

  /// The flag with its name, as it would be typed.
  private var shown: String { ShellText.option(flag, name) }

  var systemPrefix: String? { Self.systemPrefixes.first { name.hasPrefix($0) } }
}

extension SetupRequest {
  /// Looks at the names that were given, and whether they can go together, before a connection is made.
  ///
  /// - Throws: `SetupProblem` of kind `usage`.
  public func checkNames() throws {
    try RoleName(name: iamUser, flag: "--iam-user").checkOwn()
    try RoleName(name: rdsIAMRole, flag: "--rds-iam-role").check()
    if case .ownerRole(let name?, _) = mode { try checkOwnerRole(name) }
    for name in keepAccess { try checkKept(name) }
    try checkDuplicates()
    if rdsIAMRole == iamUser {
      throw SetupProblem(
        .usage, "iam-user-is-rds-iam",
        "--iam-user and --rds-iam-role are the same role, \(iamUser.escapedForDisplay)",
        fix: "--rds-iam-role is the group whose members log in with tokens; on Amazon RDS leave it out")
    }
    if rdsIAMRole != "rds_iam", let prefix = RoleName(name: rdsIAMRole, flag: "").systemPrefix {
      throw SetupProblem(
        .usage, "name-reserved",
        "\(ShellText.option("--rds-iam-role", rdsIAMRole)): roles that begin with \(prefix) have other duties",
        why: "the IAM user becomes its member, and would get its privileges",
        fix: "on Amazon RDS the role is rds_iam, which is the default")
    }
  }

  private func checkOwnerRole(_ name: String) throws {
    try RoleName(name: name, flag: "--owner-role").checkOwn()
    if name == iamUser { throw ownerIsIAMUser(name) }
    if name == rdsIAMRole {
      throw SetupProblem(
        .usage, "owner-role-is-rds-iam",
        "\(ShellText.option("--owner-role", name)) is the role whose members log in with tokens",
        why: "everybody who logs in with a token would own the objects", fix: "choose another --owner-role")
    }
  }

  /// The role that would own the objects is the one that logs in.
  func ownerIsIAMUser(_ name: String) -> SetupProblem {
    SetupProblem(
      .usage, "owner-role-is-iam-user",
      "\(ShellText.option("--iam-user", name)) is also the name of the owner role",
      why: "the IAM user becomes a member of the owner role, and no role is a member of itself",
      fix:
        "choose another name with --owner-role NAME --create-owner-role; or --mode direct makes the IAM user the owner"
    )
  }

  private func checkKept(_ name: String) throws {
    let role = RoleName(name: name, flag: "--keep-access")
    try role.check()
    if name == iamUser {
      throw SetupProblem(
        .usage, "keep-access-iam-user",
        "\(ShellText.option("--keep-access", name)) is the IAM user, which gets access anyway",
        fix: "leave it out")
    }
    if name == rdsIAMRole || name == "rds_iam" {
      throw SetupProblem(
        .usage, "keep-access-rds-iam",
        "\(ShellText.option("--keep-access", name)) is the role whose members log in with tokens",
        why: "every one of them would get the owner's privileges",
        fix: "name the roles that the application uses")
    }
    if case .ownerRole(name, _) = mode {
      throw SetupProblem(
        .usage, "keep-access-owner-role",
        "\(ShellText.option("--keep-access", name)) is the owner role itself",
        fix: "leave it out")
    }
    if name.hasPrefix("pg_") {
      throw SetupProblem(
        .usage, "name-reserved",
        "\(ShellText.option("--keep-access", name)): roles that begin with pg_ are PostgreSQL's own, and nobody logs in as them",
        fix: "name the roles that the application uses")
    }
  }

  private func checkDuplicates() throws {
    var names: [String] = []
    if case .named(let schemas) = schemas { names = schemas }
    for (flag, values) in [("--keep-access", keepAccess), ("--schema", names)] {
      var seen: Set<String> = []
      guard let twice = values.first(where: { !seen.insert($0).inserted }) else { continue }
      throw SetupProblem(
        .usage, "given-twice", "\(ShellText.option(flag, twice)) is given twice", fix: "leave one out")
    }
  }

}
