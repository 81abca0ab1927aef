internal import AccessModel
public import Postgres

/// Re-checks every promise of setup from a connection of its own.
public struct Verification: Sendable {
  let session: Session
  let request: SetupRequest
  /// Login roles that were members of rds_iam before setup began; nil when no journal tells.
  let membersBefore: Set<String>?
  /// Where earlier runs have written what they did; nil: there were none.
  let journal: String?

  public init(session: Session, request: SetupRequest, membersBefore: Set<String>?, journal: String? = nil) {
    self.journal = journal
    self.session = session
    self.request = request
    self.membersBefore = membersBefore
  }

  /// One guard a promise, in the order of the steps.
  ///
  /// - Throws: `SetupProblem` when what was asked for makes no sense on this server.
  public func promises() async throws -> [Guard] {
    var request = request
    request.adoptIAMUser = true
    let plan = try await Planner(session: session, request: request, journal: journal).plan()
    let user = Identifier.display(request.iamUser)
    let owner = Identifier.display(plan.newOwner)
    var promises: [Guard] = []
    func promise(
      _ id: String, _ claim: String, _ steps: [StepID], _ matches: (Change) -> Bool = { _ in true }
    ) {
      let open = plan.changes.filter { steps.contains($0.step) && $0.interim == nil && matches($0) }
      if open.isEmpty {
        promises.append(Guard(id, .pass, claim))
      } else {
        let first = open.prefix(3).map { "\($0.kind) \($0.object)" }.joined(separator: ", ")
        let more = open.count > 3 ? " and \(open.count - 3) more" : ""
        promises.append(
          Guard(
            id, .fail, "expected: \(claim); pending: \(first)\(more)",
            fix: "setup plan with the same options shows all that is pending, setup apply does it"))
      }
    }
    promise("iam-user", "\(user) exists and can log in", [.iamUser])
    if request.mode != .direct {
      let becomes = plan.loginRoleIsRefused ? "" : " and becomes it on login"
      promise("owner-role", "\(user) is a member of \(owner)\(becomes)", [.ownerRole])
    }
    promise("privileges", "\(user) may connect to \(Identifier.display(plan.server.database))", [.privileges])
    promise("ownership", "\(owner) owns everything that setup moves", [.ownership])
    promise(
      "default-privileges", "what \(owner) and roles that keep access create gets the privileges asked for",
      [.defaultPrivileges])
    promise("rds-iam", "\(user) is a member of \(request.rdsIAMRole) and logs in with tokens", [.rdsIAM])
    promises += plan.changes.filter { $0.interim == .ends }.map { change in
      Guard(
        "interim", .fail,
        "\(change.interimMembership?.text ?? change.object) for as long as the move lasts, and it has not ended",
        fix: "setup apply, when everything has moved, ends that; so does setup revert")
    }
    promises += try await lockOut()
    promises += plan.guards.filter { $0.id != "lock-out" }
    promises += plan.skipped.map { skipped in
      Guard("skipped", .warn, "\(skipped.kind) \(skipped.object): \(skipped.reason)", fix: skipped.fix)
    }
    return promises
  }

  /// Who has to log in with a token although nobody promised so.
  private func lockOut() async throws -> [Guard] {
    let members = try await LockoutGuard.loginMembers(of: request.rdsIAMRole, session)
    let others = members.subtracting(membersBefore ?? []).subtracting([request.iamUser])
    guard !others.isEmpty else {
      let server = try await ServerInspector(session: session).facts()
      let open = try await MembershipWatch.openChanges(
        of: [request.rdsIAMRole], server, session, patience: request.lockTimeout)
      guard open.isEmpty else {
        return [
          Guard(
            "lock-out", .unknown,
            "open transactions may change who is a member of \(Identifier.display(request.rdsIAMRole)): "
              + open.map(\.summary).joined(separator: "; "),
            fix: "run setup verify again when they have ended")
        ]
      }
      return [
        Guard(
          "lock-out", .pass,
          "nobody but \(Identifier.display(request.iamUser)) has become a member of \(request.rdsIAMRole)")
      ]
    }
    let graph = try await RoleInspector(session: session).graph()
    return others.sorted().map { name in
      let path = graph.path(from: name, to: request.rdsIAMRole) ?? [name, request.rdsIAMRole]
      let isOurs = membersBefore != nil || path.contains(request.iamUser)
      return Guard(
        "lock-out", isOurs ? .fail : .warn,
        "\(Identifier.display(name)) can log in with a token only: \(path.map(Identifier.display).joined(separator: " → "))",
        fix:
          "if it is to use its password: REVOKE \(SQLText.identifier(path[1])) FROM \(SQLText.identifier(name))"
      )
    }
  }
}
