internal import AccessModel
internal import FoundationEssentials
internal import Postgres

/// The login's role has the attributes that an application's should have.
struct RoleAttributesCheck: Check {
  let id = "role-attributes"
  let stage = Stage.privileges
  let claim = "the role's attributes are in order"
  let requires = ["login-token"]

  func run(_ run: CheckupRun) async -> Outcome {
    guard let session = await run.session else { return .unknown("there is no session") }
    let facts: RoleFacts
    do {
      facts = try await RoleQuery.facts(session, until: run.deadline(deadline))
    } catch {
      let words = "\(error)"
      await run.record { $0.firstStatementFailure = words }
      return .unknown("the catalogs could not be read: \(error)")
    }
    await run.record { $0.role = facts }
    var notes = facts.isSuperuser ? ["a superuser"] : ["no superuser"]
    if let end = facts.validUntil { notes.append("VALID UNTIL \(UTCTime(end).iso8601)") }
    return .pass(
      notes.joined(separator: ", "), [EvidenceItem("server", "PostgreSQL \(facts.serverVersion / 10_000)")])
  }
}
