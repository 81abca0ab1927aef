internal import Postgres

/// Turns what the rehearsal found into the exact statements that are missing and who must run them.
struct CapabilityReport {
  let snapshot: CatalogSnapshot
  let request: SetupRequest

  private var server: ServerFacts { snapshot.server }

  func missing(_ outcome: Rehearsal.Outcome, changes: [Change]) -> [MissingCapability] {
    var missing: [MissingCapability] = []
    let refusedIAM = outcome.refused.contains { $0.change.step == .rdsIAM }
    let ownPath = outcome.lockouts.contains { $0.first == server.user }
    let needsSuperuser = refusedIAM || ownPath
    if needsSuperuser { missing += iamStatements(outcome, changes) }
    for (change, error) in outcome.refused where !(needsSuperuser && concernsIAMUser(change)) {
      missing.append(
        MissingCapability(
          statement: change.sql, runBy: administrator(of: change), why: "the server says: \(error.message)"))
    }
    for (role, error) in outcome.notBorrowed where !isDangerous(role) { missing.append(lending(role, error)) }
    return missing
  }

  /// What a superuser has to run so that the IAM user exists without being tied to this login.
  private func iamStatements(_ outcome: Rehearsal.Outcome, _ changes: [Change]) -> [MissingCapability] {
    let why =
      server.hasMembershipOptions
      ? "from PostgreSQL 16 on, only members of \(request.rdsIAMRole) with ADMIN OPTION may grant it, and the creator of a "
        + "role is its member for good: either would put \(server.user) into \(request.rdsIAMRole) and end its password login"
      : "this login may not grant \(request.rdsIAMRole)"
    let administrator = "a superuser"
    var statements: [String] = []
    for change in changes where concernsIAMUser(change) && change.step != .rdsIAM {
      statements.append(change.sql)
    }
    if let path = outcome.lockouts.first(where: { $0.first == server.user }), path.count >= 2,
      let role = snapshot.roles[path[1]]
    {
      statements.append("REVOKE \(role.identifier.quoted) FROM \(snapshot.operatorRole.quoted)")
    }
    for change in changes where change.step == .rdsIAM { statements.append(change.sql) }
    return statements.map { MissingCapability(statement: $0, runBy: administrator, why: why) }
  }

  /// The IAM user's own role: whoever created it is tied to it.
  private func concernsIAMUser(_ change: Change) -> Bool {
    switch change.action {
    case .createRole(let role, _): role.name == request.iamUser
    case .setLoginRole(let member, _, _, _): member.name == request.iamUser
    case .grantRole(let role, let member, _):
      role.name == request.rdsIAMRole && member.name == request.iamUser
    default: false
    }
  }

  /// Lending this role for good, as a GRANT by somebody else would, puts the operator into rds_iam.
  private func isDangerous(_ role: Identifier) -> Bool {
    role.name == request.iamUser || snapshot.graph.isMember(role.name, of: request.rdsIAMRole)
  }

  private func administrator(of change: Change) -> String {
    switch change.action {
    case .grantRole(let role, _, _): "a superuser, or a role with ADMIN OPTION on \(role.display)"
    case .grant: "\(server.databaseOwner), who owns the database, or a superuser"
    default: "a superuser, or a role with CREATEROLE"
    }
  }

  private func lending(_ role: Identifier, _ error: PostgresError) -> MissingCapability {
    if role.name == "pg_database_owner" {
      let schemas = snapshot.schemas.filter { $0.owner == role.name }
      let statements = schemas.map {
        "ALTER SCHEMA \($0.identifier.quoted) OWNER TO \(snapshot.newOwner.quoted)"
      }
      return MissingCapability(
        statement: statements.joined(separator: "; "),
        runBy: "\(server.databaseOwner), who owns the database, or a superuser",
        why: "pg_database_owner cannot be granted")
    }
    let options = server.hasMembershipOptions ? " WITH INHERIT TRUE, SET TRUE" : ""
    return MissingCapability(
      statement: "GRANT \(role.quoted) TO \(snapshot.operatorRole.quoted)\(options)",
      runBy: "a superuser, or a role with ADMIN OPTION on \(role.display)",
      why: "its objects can only be moved by somebody with its privileges; the server says: \(error.message)")
  }

  func guards(_ outcome: Rehearsal.Outcome, _ plan: Plan) -> [Guard] {
    var guards: [Guard] = []
    let others = outcome.lockouts.filter { $0.first != server.user }
    if outcome.lockouts.isEmpty {
      guards.append(
        Guard(
          "lock-out", .pass, "no role that uses a password becomes a member of \(request.rdsIAMRole)"))
    } else if !others.isEmpty {
      let problem = LockoutGuard.problem(others)
      guards.append(Guard("lock-out", .fail, "\(problem.message): \(problem.why ?? "")", fix: problem.fix))
    } else {
      let path = outcome.lockouts[0].joined(separator: " → ")
      guards.append(
        Guard(
          "lock-out", .fail, "\(server.user) would be locked out: \(path)",
          fix: "run the statements listed as missing"))
    }
    let untouchable = outcome.notBorrowed.filter { isDangerous($0.role) }.map(\.role)
    if request.mode == .direct, !server.isSuperuser, !plan.missing.isEmpty || !untouchable.isEmpty,
      untouchable.contains(where: { $0.name == request.iamUser })
        || outcome.refused.contains(where: { concernsIAMUser($0.change) })
        || outcome.lockouts.contains(where: { $0.first == server.user })
    {
      guards.append(
        Guard(
          "direct-needs-superuser", .fail,
          "to make \(snapshot.iamUser.display) an owner, \(server.user) would have to be its member, and this server keeps "
            + "such a membership or does not give it: \(server.user) would be locked out",
          fix: "use --mode owner-role, or run setup as a superuser"))
    }
    for role in untouchable where role.name != request.iamUser {
      guards.append(
        Guard(
          "owner-in-rds-iam", .fail,
          "objects of \(role.display) cannot be moved by \(server.user): \(role.display) is a member of "
            + "\(request.rdsIAMRole), and whoever is granted it would be locked out",
          fix: "run setup as a superuser, or first REVOKE \(snapshot.rdsIAM.quoted) FROM \(role.quoted)"))
    }
    if let problem = outcome.leftOver {
      guards.append(Guard(problem.id, .fail, problem.message, fix: problem.fix))
    }
    if let role = snapshot.roles[server.user], !role.inherits, !server.isSuperuser {
      guards.append(
        Guard(
          "operator-noinherit", .fail,
          "\(server.user) is NOINHERIT: it does not get the privileges of roles it borrows",
          fix: "ALTER ROLE \(snapshot.operatorRole.quoted) INHERIT"))
    }
    if snapshot.graph.isMember(server.user, of: request.rdsIAMRole) {
      guards.append(
        Guard(
          "operator-in-rds-iam", .warn,
          "\(server.user) is itself a member of \(request.rdsIAMRole): it logs in with tokens only"))
    }
    return guards
  }
}
