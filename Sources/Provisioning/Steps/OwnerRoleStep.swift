internal import AccessModel
internal import Postgres

/// Creates the role that owns the objects, and lets the IAM user and whoever keeps access act as it.
public enum OwnerRoleStep: SetupStep {
  public static let id = StepID.ownerRole

  public static func outcome(of snapshot: CatalogSnapshot, for request: SetupRequest) throws -> StepOutcome {
    try checkKeepAccess(snapshot, request)
    guard case .ownerRole(_, let mayCreate) = request.mode else { return StepOutcome() }
    var outcome = StepOutcome()
    let owner = snapshot.newOwner
    try PreflightStep.checkName(owner.name, of: "--owner-role")
    if let role = snapshot.roles[owner.name] {
      try refuse(role, snapshot, request)
    } else if mayCreate {
      outcome.changes.append(
        Change(
          step: id, sign: .add, kind: "role", object: owner.display, to: "NOLOGIN",
          action: .createRole(owner, login: false)))
    } else {
      throw SetupProblem(
        .usage, "no-such-owner-role", "no role \(owner.display) on this server",
        fix:
          "--create-owner-role creates it; without --owner-role setup creates \"\(snapshot.server.database)_owner\""
      )
    }
    for member in [request.iamUser] + request.keepAccess {
      guard !snapshot.actAsNewOwner.contains(member) else { continue }
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

  private static func checkKeepAccess(_ snapshot: CatalogSnapshot, _ request: SetupRequest) throws {
    for name in request.keepAccess {
      guard snapshot.roles[name] != nil else {
        throw SetupProblem(
          .usage, "no-such-keep-access-role",
          "\(ShellText.option("--keep-access", name)): no such role on this server",
          fix: "psql -c '\\du' lists them; names are case-sensitive here")
      }
      if name == request.iamUser {
        throw SetupProblem(
          .usage, "keep-access-iam-user",
          "\(ShellText.option("--keep-access", name)) is the IAM user, which gets access anyway")
      }
    }
  }
}
