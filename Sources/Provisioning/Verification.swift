public import Postgres

/// Re-checks every promise of setup from a connection of its own.
public struct Verification: Sendable {
  let session: Session
  let request: SetupRequest

  public init(session: Session, request: SetupRequest) {
    self.session = session
    self.request = request
  }

  /// One guard a promise, in the order of the steps.
  ///
  /// - Throws: `SetupProblem` when what was asked for makes no sense on this server.
  public func promises() async throws -> [Guard] {
    var request = request
    request.adoptIAMUser = true
    let plan = try await Planner(session: session, request: request).plan()
    let user = Identifier.display(request.iamUser)
    let owner = Identifier.display(plan.newOwner)
    var promises: [Guard] = []
    func promise(
      _ id: String, _ claim: String, _ steps: [StepID], _ matches: (Change) -> Bool = { _ in true }
    ) {
      let open = plan.changes.filter { steps.contains($0.step) && matches($0) }
      if open.isEmpty {
        promises.append(Guard(id, .pass, claim))
      } else {
        let first = open.prefix(3).map { "\($0.kind) \($0.object)" }.joined(separator: ", ")
        let more = open.count > 3 ? " and \(open.count - 3) more" : ""
        promises.append(Guard(id, .fail, "not so: \(claim): \(first)\(more)", fix: "setup apply makes it so"))
      }
    }
    promise("iam-user", "\(user) exists and can log in", [.iamUser])
    if request.mode != .direct {
      promise("owner-role", "\(user) is a member of \(owner) and becomes it on login", [.ownerRole])
    }
    promise("privileges", "\(user) may connect to \(Identifier.display(plan.server.database))", [.privileges])
    promise("ownership", "\(owner) owns everything that setup moves", [.ownership])
    promise("default-privileges", "what \(owner) creates gets the privileges asked for", [.defaultPrivileges])
    promise("rds-iam", "\(user) is a member of \(request.rdsIAMRole) and logs in with tokens", [.rdsIAM])
    promises += plan.guards
    promises += plan.skipped.map { skipped in
      Guard("skipped", .warn, "\(skipped.kind) \(skipped.object): \(skipped.reason)", fix: skipped.fix)
    }
    return promises
  }
}
