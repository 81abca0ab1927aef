/// The database is the one that is meant: one that can be written to, where the endpoint is a writer's.
struct RoleDatabaseCheck: Check {
  let id = "role-database"
  let stage = Stage.privileges
  let claim = "the server has the role that the endpoint promises"
  let requires = ["role-attributes"]

  func run(_ run: CheckupRun) async -> Outcome {
    guard let role = await run.evidence.role else { return .unknown("the role was not read") }
    return .pass(role.isInRecovery ? "a reader (in recovery)" : "a writer")
  }
}
