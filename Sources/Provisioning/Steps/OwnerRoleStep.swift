internal import AccessModel
internal import Postgres

/// Creates the role that owns the objects, and lets the IAM user and whoever keeps access act as it.
public enum OwnerRoleStep: SetupStep {
  public static let id = StepID.ownerRole

  public static func outcome(of snapshot: CatalogSnapshot, for request: SetupRequest) throws -> StepOutcome {
    try checkKeepAccess(snapshot, request)
    var outcome = StepOutcome()
    if case .ownerRole(_, let mayCreate) = request.mode {
      outcome = try ownerRole(snapshot, request, mayCreate: mayCreate)
    }
    let access = InterimAccess(snapshot: snapshot, request: request)
    let interim = access.beginning()
    outcome.guards += access.guards
    outcome.changes += interim.changes
    outcome.losses += interim.losses
    return outcome
  }

  private static func ownerRole(
    _ snapshot: CatalogSnapshot, _ request: SetupRequest, mayCreate: Bool
  ) throws -> StepOutcome {
    var outcome = StepOutcome()
    let owner = snapshot.newOwner
    try checkName(owner.name, snapshot, request)
    let circles = OwnerRoleCircles(snapshot: snapshot, request: request)
    if let role = snapshot.roles[owner.name] {
      try refuse(role, snapshot, request)
      outcome.guards +=
        OwnerRolePower(role: role, snapshot: snapshot, request: request).guards + circles.guards
    } else if mayCreate {
      outcome.changes.append(
        Change(
          step: id, sign: .add, kind: "role", object: owner.display, to: "NOLOGIN",
          action: .createRole(owner, login: false)))
    } else {
      throw SetupProblem(
        .usage, "no-such-owner-role", "no role \(owner.display) on this server",
        fix: "--create-owner-role creates it"
          + (RoleName.hasDefaultOwner(database: snapshot.server.database)
            ? "; without --owner-role setup creates \"\(SetupRequest.defaultOwner(database: snapshot.server.database))\""
            : ""))
    }
    for member in [request.iamUser] + request.keepAccess {
      // What was given for the time of the move is given once more, for good.
      let isLasting = !snapshot.interim.isInForce(owner.name, member)
      guard !snapshot.actAsNewOwner.contains(member) || !isLasting, !circles.members.contains(member)
      else { continue }
      let identifier = member == request.iamUser ? snapshot.iamUser : snapshot.roles[member]?.identifier
      guard let identifier else { continue }
      outcome.changes.append(
        Change(
          step: id, sign: .add, kind: "member", object: "\(identifier.display) of \(owner.display)",
          action: .grantRole(
            role: owner, member: identifier, explicitOptions: snapshot.server.hasMembershipOptions)))
    }
    if snapshot.iamUserRoleSetting != owner.name {
      outcome.changes.append(
        Change(
          step: id, sign: snapshot.iamUserRoleSetting == nil ? .add : .change, kind: "setting",
          object: "\(snapshot.iamUser.display) in \(snapshot.databaseIdentifier.display)",
          from: snapshot.iamUserRoleSetting.map { "role = \($0)" }, to: "role = \(owner.name)",
          action: .setLoginRole(
            member: snapshot.iamUser, database: snapshot.databaseIdentifier, role: owner,
            previous: snapshot.iamUserRoleSetting),
          database: snapshot.server.database))
    }
    return outcome
  }

  private static func refuse(_ role: RoleFacts, _ snapshot: CatalogSnapshot, _ request: SetupRequest) throws {
    if role.isSuperuser {
      throw SetupProblem(
        .refused, "owner-role-superuser", "owner role \(role.identifier.display) is a superuser",
        why: "its members would be able to become superuser", fix: "choose another --owner-role")
    }
    if let path = snapshot.graph.path(from: role.name, to: request.rdsIAMRole) {
      throw SetupProblem(
        .refused, "owner-role-in-rds-iam",
        "owner role \(role.identifier.display) is a member of \(request.rdsIAMRole): \(path.joined(separator: " → "))",
        why: "everybody who is or becomes its member could no longer log in with a password",
        fix: "REVOKE \(snapshot.rdsIAM.quoted) FROM \(role.identifier.quoted), or choose another --owner-role"
      )
    }
  }

  private static func checkName(
    _ owner: String, _ snapshot: CatalogSnapshot, _ request: SetupRequest
  ) throws {
    if case .ownerRole(nil, _) = request.mode {
      try RoleName.checkDefaultOwner(request, database: snapshot.server.database)
    }
    let role = RoleName(name: owner, flag: "--owner-role")
    try role.checkOwn()
    try role.checkKeyword(exists: snapshot.roles[owner] != nil)
    if owner == request.iamUser { throw request.ownerIsIAMUser(owner) }
    if owner == snapshot.server.user {
      throw SetupProblem(
        .usage, "owner-role-is-master",
        "\(ShellText.option("--owner-role", owner)) is the login setup itself uses",
        why: "whoever becomes its member could do all that the master may", fix: "choose another --owner-role"
      )
    }
    if request.keepAccess.contains(owner) {
      throw SetupProblem(
        .usage, "keep-access-owner-role",
        "\(ShellText.option("--keep-access", owner)) is the owner role itself",
        fix: "leave it out")
    }
  }

  private static func checkKeepAccess(_ snapshot: CatalogSnapshot, _ request: SetupRequest) throws {
    for name in request.keepAccess {
      guard let role = snapshot.roles[name] else {
        try RoleName(name: name, flag: "--keep-access").checkKeyword(exists: false)
        throw SetupProblem(
          .usage, "no-such-keep-access-role",
          "\(ShellText.option("--keep-access", name)): no such role on this server",
          fix: "psql -c '\\du' lists them; names are case-sensitive here")
      }
      if role.isSuperuser {
        throw SetupProblem(
          .usage, "keep-access-superuser",
          "\(ShellText.option("--keep-access", name)) is a superuser, who keeps access anyway",
          fix: "leave it out")
      }
      if let prefix = RoleName(name: name, flag: "").systemPrefix, !role.canLogin {
        throw SetupProblem(
          .usage, "name-reserved",
          "\(ShellText.option("--keep-access", name)): a role that begins with \(prefix) and cannot log in is the system's own",
          why: "all of its members would get the owner's privileges",
          fix: "name the roles that the application uses")
      }
    }
  }
}
