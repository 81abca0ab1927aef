internal import Postgres

/// Which interim memberships this login cannot give and take back: the move does without them, and the plan says so.
struct InterimRehearsal {
  let snapshot: CatalogSnapshot
  let outcome: Rehearsal.Outcome

  /// Takes them out of a plan.
  ///
  /// - Returns: whether there were any, so that the rest has to be rehearsed once more.
  func leaveOut(of plan: inout Plan) -> Bool {
    let begun = Set(plan.changes.filter { $0.interim == .begins }.compactMap(\.interimMembership))
    let refused = self.refused.filter { begun.contains($0.key) }
    guard !refused.isEmpty else { return false }
    plan.changes.removeAll { change in change.interimMembership.map { refused[$0] != nil } ?? false }
    for (membership, reason) in refused.sorted(by: { $0.key.text < $1.key.text }) {
      let isOwner = membership.member.name == plan.request.iamUser
      let loss = InterimAccess.loss(
        isOwner ? membership.role.name : membership.member.name, reason, plan.request)
      plan.losses.append(loss)
      plan.notes.append(loss.text)
    }
    return true
  }

  private var refused: [InterimMembership: String] {
    var reasons: [InterimMembership: String] = [:]
    for (change, error) in outcome.refused {
      // What is refused because the owner role is still missing is tried again when it is there.
      guard let membership = change.interimMembership, !isMissing(membership.role) else { continue }
      reasons[membership] =
        "\(snapshot.operatorRole.display) may not make \(membership.member.display) a member of "
        + "\(membership.role.display) for that time (\(error.message))"
    }
    for path in outcome.lockouts {
      for (member, role) in zip(path, path.dropFirst()) {
        guard let member = snapshot.roles[member]?.identifier else { continue }
        let role = snapshot.roles[role]?.identifier ?? snapshot.newOwner
        reasons[InterimMembership(role: role, member: member)] =
          "\(snapshot.operatorRole.display) could not take the membership of \(role.display) back"
      }
    }
    return reasons
  }

  private func isMissing(_ role: Identifier) -> Bool {
    outcome.refused.contains { refusal in
      if case .createRole(role, _) = refusal.change.action { return true }
      return false
    }
  }
}
