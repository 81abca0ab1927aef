internal import Postgres

/// Refuses what cannot work, before anything else is looked at.
public enum PreflightStep: SetupStep {
  public static let id = StepID.preflight

  /// PostgreSQL 12 is the oldest release whose catalogs setup reads.
  static let oldestVersion = 120_000

  public static func outcome(of snapshot: CatalogSnapshot, for request: SetupRequest) throws -> StepOutcome {
    let server = snapshot.server
    guard server.version >= oldestVersion else {
      throw SetupProblem(
        .refused, "server-too-old", "the server is PostgreSQL \(server.versionText); setup needs 12 or newer",
        fix: "upgrade the server, or move the owners by hand")
    }
    guard !server.inRecovery else {
      throw SetupProblem(
        .refused, "server-in-recovery", "the server is in recovery: it is a replica and takes no changes",
        fix: "connect to the writer: on Aurora the cluster endpoint, on RDS the source instance")
    }
    try request.checkNames()
    try RoleName(name: request.iamUser, flag: "--iam-user")
      .checkKeyword(exists: snapshot.roles[request.iamUser] != nil)
    try RoleName(name: request.rdsIAMRole, flag: "--rds-iam-role")
      .checkKeyword(exists: snapshot.roles[request.rdsIAMRole] != nil)
    if request.iamUser == server.user {
      throw SetupProblem(
        .usage, "iam-user-is-master", "--iam-user \(request.iamUser) is the login setup itself uses",
        why: "as a member of \(request.rdsIAMRole) its password would stop working",
        fix: "choose a role of its own for the application")
    }
    guard snapshot.roles[request.rdsIAMRole] != nil else {
      throw SetupProblem(
        .refused, "iam-not-enabled",
        "role \(request.rdsIAMRole) does not exist: IAM database authentication is not enabled on this server",
        fix: """
          aws rds modify-db-instance --db-instance-identifier NAME --enable-iam-database-authentication --apply-immediately
            (Aurora: aws rds modify-db-cluster --db-cluster-identifier NAME --enable-iam-database-authentication); \
          RDS creates the role when the change is applied
          """)
    }
    try checkSchemas(snapshot, request)
    return StepOutcome()
  }

  private static func checkSchemas(_ snapshot: CatalogSnapshot, _ request: SetupRequest) throws {
    guard case .named(let names) = request.schemas else { return }
    let found = Set(snapshot.schemas.map(\.identifier.name))
    let absent = names.filter { !found.contains($0) }
    guard absent.isEmpty else {
      throw SetupProblem(
        .usage, "no-such-schema",
        "no schema \(absent.map { "\"\($0)\"" }.joined(separator: ", ")) in database \"\(snapshot.server.database)\"",
        fix: "psql -c '\\dn' lists them; names are case-sensitive here; --all-schemas takes every one")
    }
    for name in names where name.hasPrefix("pg_") || name == "information_schema" {
      throw SetupProblem(
        .usage, "system-schema", "schema \(name) is the system's; its objects keep their owner")
    }
  }
}
