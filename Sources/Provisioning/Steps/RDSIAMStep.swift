internal import Postgres

/// Makes the server authenticate the IAM user by token. It comes last: until then nothing depends on it.
public enum RDSIAMStep: SetupStep {
  public static let id = StepID.rdsIAM

  public static func outcome(of snapshot: CatalogSnapshot, for request: SetupRequest) throws -> StepOutcome {
    var outcome = StepOutcome()
    // Before it, lest somebody who uses a password gets into rds_iam.
    outcome.changes += InterimAccess(snapshot: snapshot, request: request).ending()
    guard !snapshot.graph.isMember(request.iamUser, of: request.rdsIAMRole) else { return outcome }
    outcome.changes.append(
      Change(
        step: id, sign: .add, kind: "member",
        object: "\(snapshot.iamUser.display) of \(snapshot.rdsIAM.display)",
        action: .grantRole(role: snapshot.rdsIAM, member: snapshot.iamUser, explicitOptions: false)))
    return outcome
  }
}
