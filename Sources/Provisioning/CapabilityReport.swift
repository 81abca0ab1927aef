internal import Postgres

/// Turns what the rehearsal found into the exact statements that are missing and who must run them.
struct CapabilityReport {
  let snapshot: CatalogSnapshot
  let request: SetupRequest

  private var server: ServerFacts { snapshot.server }

  func missing(_ outcome: Rehearsal.Outcome, changes: [Change]) -> [MissingCapability] {
    var missing: [MissingCapability] = []
    let refusedIAM = outcome.refused.contains { $0.change.grantsIAM }
    let ownPath = outcome.lockouts.contains { $0.first == server.user }
    let needsAdministrator = refusedIAM || ownPath
    let creation = changes.first { Self.creates(snapshot.newOwner, $0) }
    if needsAdministrator { missing += iamStatements(outcome, changes, creation) }
    let lendable = outcome.notBorrowed.filter { mayBeLent($0.role) }
    let lent = Set(lendable.lazy.map(\.role.name))
    for (change, error) in outcome.refused where !(needsAdministrator && concernsIAMUser(change)) {
      // Once its owner is lent, setup grants it itself.
      if change.touchesDatabase, lent.contains(server.databaseOwner) { continue }
      let who = administrator(of: change)
      missing.append(
        MissingCapability(
          statement: change.sql, runner: who.runner, runBy: who.words,
          why: "the server says: \(error.message)"))
    }
    missing += lendable.map { lending($0.role, $0.error) }
    // What this login may not create it cannot become either, which the server says only of a role that exists.
    if let creation, outcome.refused.contains(where: { $0.change.sql == creation.sql }) {
      missing.append(lending(snapshot.newOwner, nil))
    }
    return missing
  }

  /// Statements that name the new owner wait until it exists.
  ///
  /// - Parameter missing: what the steps and `missing` have found together.
  func ordered(_ missing: [MissingCapability], changes: [Change]) -> [MissingCapability] {
    // A login becomes a role at its best when it is a member of it already.
    let settings = Set(changes.lazy.filter(\.isConvenience).map(\.sql))
    let missing =
      missing.filter { !settings.contains($0.statement) } + missing.filter { settings.contains($0.statement) }
    guard let creation = changes.first(where: { Self.creates(snapshot.newOwner, $0) }),
      let first = missing.firstIndex(where: { $0.statement.contains(snapshot.newOwner.quoted) }),
      missing[first].statement != creation.sql
    else { return missing }
    var ordered = missing
    if let later = missing.firstIndex(where: { $0.statement == creation.sql }) {
      ordered.insert(ordered.remove(at: later), at: first)
    } else {
      ordered.insert(contentsOf: creationForOperator(creation), at: first)
    }
    return ordered
  }

  /// The new owner as if this login had created it: from 16 on, its creator has ADMIN OPTION.
  private func creationForOperator(_ creation: Change) -> [MissingCapability] {
    var statements = [creation.sql]
    if server.hasMembershipOptions {
      statements.append(
        "GRANT \(snapshot.newOwner.quoted) TO \(snapshot.operatorRole.quoted) WITH ADMIN TRUE, INHERIT FALSE, SET FALSE"
      )
    }
    let who = administrator
    return statements.map {
      MissingCapability(
        statement: $0, runner: who.runner, runBy: who.words, why: "the statements after it name the role")
    }
  }

  private static func creates(_ role: Identifier, _ change: Change) -> Bool {
    if case .createRole(role, _) = change.action { return true }
    return false
  }

  /// What an administrator has to run so that the IAM user exists without being tied to this login.
  private func iamStatements(
    _ outcome: Rehearsal.Outcome, _ changes: [Change], _ creation: Change?
  ) -> [MissingCapability] {
    let why =
      server.hasMembershipOptions
      ? "from PostgreSQL 16 on, only members of \(request.rdsIAMRole) with ADMIN OPTION may grant it, and the creator of a "
        + "role is its member for good: either would put \(server.user) into \(request.rdsIAMRole) and end its password login"
      : "this login may not grant \(request.rdsIAMRole)"
    let who = administrator
    var missing: [MissingCapability] = []
    func add(_ statement: String) {
      missing.append(MissingCapability(statement: statement, runner: who.runner, runBy: who.words, why: why))
    }
    for change in changes where concernsIAMUser(change) && !change.grantsIAM { add(change.sql) }
    if let path = outcome.lockouts.first(where: { $0.first == server.user }), path.count >= 2,
      let role = snapshot.roles[path[1]]
    {
      add("REVOKE \(role.identifier.quoted) FROM \(snapshot.operatorRole.quoted)")
    }
    for change in changes where change.grantsIAM { add(change.sql) }
    return missing
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

  /// A superuser that was lent would make a superuser of this login, for good.
  private func mayBeLent(_ role: Identifier) -> Bool {
    !isDangerous(role) && snapshot.roles[role.name]?.isSuperuser != true
  }

  /// Who may do everything with roles here.
  private var administrator: (runner: MissingCapability.Runner, words: String) {
    server.isManaged ? (.rdsSuperuser, "a member of rds_superuser") : (.superuser, "a superuser")
  }

  private func administrator(of change: Change) -> (runner: MissingCapability.Runner, words: String) {
    let (runner, words) = administrator
    switch change.action {
    case .grantRole(let role, _, _):
      return (runner, "\(words), or a role with ADMIN OPTION on \(role.display)")
    case .grant:
      let owner = Identifier.display(server.databaseOwner)
      return (
        .role(server.databaseOwner),
        "\(owner), who owns the database"
          + (!server.isManaged
            ? ", or a superuser"
            : snapshot.roles[server.databaseOwner]?.isSuperuser == true
              ? ": on RDS that is for AWS Support" : "")
      )
    default: return (runner, "\(words), or a role with CREATEROLE")
    }
  }

  private func lending(_ role: Identifier, _ error: PostgresError?) -> MissingCapability {
    let options = server.hasMembershipOptions ? " WITH INHERIT TRUE, SET TRUE" : ""
    let (runner, words) = administrator
    return MissingCapability(
      statement: "GRANT \(role.quoted) TO \(snapshot.operatorRole.quoted)\(options)", runner: runner,
      runBy: "\(words), or a role with ADMIN OPTION on \(role.display)",
      why: "objects can be moved from or to it only by somebody with its privileges"
        + (error.map { "; the server says: \($0.message)" } ?? ""))
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
          fix: "use --mode owner-role\(server.isManaged ? "" : ", or run setup as a superuser")"))
    }
    for role in untouchable where role.name != request.iamUser {
      guards.append(
        Guard(
          "owner-in-rds-iam", .fail,
          "objects of \(role.display) cannot be moved by \(server.user): \(role.display) is a member of "
            + "\(request.rdsIAMRole), and whoever is granted it would be locked out",
          fix:
            "\(server.isManaged ? "first" : "run setup as a superuser, or first") REVOKE \(snapshot.rdsIAM.quoted) FROM \(role.quoted)"
        ))
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
