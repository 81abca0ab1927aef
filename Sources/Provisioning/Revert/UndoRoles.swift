internal import Postgres

/// Undoes what setup did to roles: memberships, what a login becomes, and the roles it created.
struct UndoRoles {
  let session: Session
  let server: ServerFacts
  let roles: [String: RoleFacts]
  /// As they are now.
  let memberships: [MembershipRow]

  /// Memberships go back to the oldest state the journal knows.
  func memberships(_ changes: [JournaledChange], step: StepID, _ plan: inout Plan) {
    var seen: Set<[String]> = []
    let granted = changes.filter { $0.undo == .revokeRole }
    for change in granted where seen.insert([change.role ?? "", change.member ?? ""]).inserted {
      guard let role = roles[change.role ?? ""]?.identifier,
        let member = roles[change.member ?? ""]?.identifier
      else {
        continue
      }
      let former = granted.last { $0.role == change.role && $0.member == change.member }?.memberships ?? []
      for row in memberships where row.role == role.name && row.member == member.name {
        let earlier = former.first { $0.grantor == row.grantor }
        guard row.undo(earlier, role, member) != nil else { continue }
        plan.changes.append(
          Change(
            step: step, sign: earlier == nil ? .remove : .change, kind: "member", object: change.object,
            action: .restoreMembership(row, to: earlier, role: role, member: member)))
        break
      }
    }
  }

  /// What a login becomes goes back, through several applies, to what the first one found.
  func settings(_ changes: [JournaledChange], _ plan: inout Plan) async throws {
    var seen: Set<[String]> = []
    let set = changes.filter { $0.undo == .loginRole }
    for change in set where seen.insert([change.member ?? "", change.object]).inserted {
      guard let member = roles[change.member ?? ""]?.identifier else { continue }
      let now = try await RoleInspector(session: session).roleSetting(of: member.name, in: change.object)
      var target = change.from
      for older in set.drop(while: { $0.to != change.to }).dropFirst()
      where older.member == change.member && older.object == change.object && older.to == target {
        target = older.from
      }
      guard now == change.to else {
        if now != target {
          plan.notes.append(
            "\(member.display) becomes \(now.map(Identifier.display) ?? "itself") on login by now: left alone"
          )
        }
        continue
      }
      var previous: Identifier?
      if let target { previous = try await session.identifier(target) }
      plan.changes.append(
        Change(
          step: .ownerRole, sign: .remove, kind: "setting",
          object: "\(member.display) in \(Identifier.display(change.object))",
          from: now.map { "role = \($0)" }, to: target.map { "role = \($0)" },
          action: .resetLoginRole(
            member: member, database: try await session.identifier(change.object), to: previous),
          database: server.database))
    }
  }

  /// Roles that setup created are dropped, if they are still the ones it created.
  func creations(_ changes: [JournaledChange], _ plan: inout Plan) {
    for change in changes where change.undo == .dropRole {
      guard let facts = roles[change.role ?? ""] else { continue }
      guard facts.oid == change.roleOID else {
        plan.notes.append("role \(facts.identifier.display) is another one than setup created: left alone")
        continue
      }
      plan.changes.append(
        Change(
          step: .ownerRole, sign: .remove, kind: "role", object: facts.identifier.display,
          action: .dropRole(facts.identifier)))
    }
  }
}
