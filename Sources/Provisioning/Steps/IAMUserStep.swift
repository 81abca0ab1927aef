internal import Postgres

/// Creates the role that logs in with tokens, or makes sure that an existing one can.
public enum IAMUserStep: SetupStep {
  public static let id = StepID.iamUser

  public static func outcome(of snapshot: CatalogSnapshot, for request: SetupRequest) throws -> StepOutcome {
    var outcome = StepOutcome()
    guard let role = snapshot.roles[request.iamUser] else {
      outcome.changes.append(
        Change(
          step: id, sign: .add, kind: "role", object: snapshot.iamUser.display, to: "LOGIN, no password",
          action: .createRole(snapshot.iamUser, login: true)))
      return outcome
    }
    try refuse(role, snapshot, request)
    return outcome
  }

  private static func refuse(_ role: RoleFacts, _ snapshot: CatalogSnapshot, _ request: SetupRequest) throws {
    let name = role.identifier
    if role.isSuperuser {
      throw SetupProblem(
        .refused, "iam-user-superuser", "role \(name.display) is a superuser",
        why: "pg_hba's +\(request.rdsIAMRole) does not match superusers: its token would never be looked at",
        fix: "choose another role, or ALTER ROLE \(name.quoted) NOSUPERUSER")
    }
    if !role.canLogin {
      throw SetupProblem(
        .refused, "iam-user-nologin",
        "role \(name.display) is NOLOGIN: its token would be accepted and the login refused",
        fix: "ALTER ROLE \(name.quoted) LOGIN")
    }
    if let until = role.validUntil {
      throw SetupProblem(
        .refused, "iam-user-valid-until", "role \(name.display) has VALID UNTIL '\(until)'",
        why: "that limits passwords only: logins with a token go on after it, which somebody may not expect",
        fix: "ALTER ROLE \(name.quoted) VALID UNTIL 'infinity'; end access in the IAM policy instead")
    }
    if role.connectionLimit >= 0 {
      throw SetupProblem(
        .refused, "iam-user-connection-limit",
        "role \(name.display) has CONNECTION LIMIT \(role.connectionLimit): beyond it valid tokens are refused",
        fix: "ALTER ROLE \(name.quoted) CONNECTION LIMIT -1")
    }
    if snapshot.graph.isMember(role.name, of: request.rdsIAMRole) || request.adoptIAMUser { return }
    switch role.hasPassword {
    case false?: return
    case true?:
      throw SetupProblem(
        .refused, "iam-user-password",
        "role \(name.display) has a password, which stops working once it is a member of \(request.rdsIAMRole)",
        why: "whoever logs in with that password now would be locked out",
        fix: "choose another role; or, if nobody uses the password: ALTER ROLE \(name.quoted) PASSWORD NULL")
    case nil:
      throw SetupProblem(
        .refused, "iam-user-password-unknown",
        "role \(name.display) exists, and this login may not see whether it has a password",
        why: "a password stops working the moment the role becomes a member of \(request.rdsIAMRole)",
        fix:
          "if nobody logs in with it: ALTER ROLE \(name.quoted) PASSWORD NULL, then run again with --adopt-iam-user"
      )
    }
  }
}
