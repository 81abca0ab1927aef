internal import AccessModel

/// The role is in the roles that its way of logging in needs, and in no other that gets in the way.
struct RoleMembershipsCheck: Check {
  let id = "role-memberships"
  let stage = Stage.privileges
  let claim = "the memberships suit the way of logging in"
  let requires = ["role-attributes"]

  func run(_ run: CheckupRun) async -> Outcome {
    guard let role = await run.evidence.role else { return .unknown("the role was not read") }
    let paths = role.iamPaths.map { $0.map(\.escapedForDisplay).joined(separator: " → ") }
    let items = paths.map { EvidenceItem("path", $0) }
    return .pass(paths.first ?? "not in rds_iam", items)
  }
}
