internal import Postgres

/// Undoes what setup did to roles: memberships, what a login becomes, and the roles it created.
struct UndoRoles {
  let session: Session
  let server: ServerFacts
  let roles: [String: RoleFacts]
  /// As they are now.
  let memberships: [MembershipRow]
  /// The databases that this run undoes.
  let databases: Set<UInt32>
  /// Everything else has been undone.
  let atEnd: Bool

  /// - Returns: what stays because somebody uses it by now, to be undone another time.
  func plan(_ changes: [PastChange], _ plan: inout Plan) async throws -> [JournaledChange] {
    let rdsIAM = plan.request.rdsIAMRole
    try await settings(changes, &plan)
    var removals = memberships(changes)
    let created = created(changes, &plan)
    let signIns = removals.filter { $0.row.role == rdsIAM }.map(\.row.member)
    var needed = try await needed(removals, rdsIAM)
    let used = RoleDuties(session: session, server: server, databases: databases)
    let duties = try await used.all(
      of: created.map(\.facts), removed: removals.filter { $0.former == nil }.map(\.row),
      needed: needed.map(\.row).filter { $0.role != rdsIAM }, memberships: memberships, atEnd: atEnd)
    let kept = Set(created.map(\.facts.name).filter { duties[$0] != nil })
    // Another database relies on the login.
    let elsewhere = Set(
      try await used.settings(of: signIns.compactMap { roles[$0] }).map(\.role)
        + kept.filter { duties[$0]?.contains(where: \.isElsewhere) == true })
    needed += removals.filter {
      $0.row.role == rdsIAM && elsewhere.contains($0.row.member) && !needed.map(\.row).contains($0.row)
    }
    removals.removeAll { needed.map(\.row).contains($0.row) }
    var rest = needed.map(\.kept)
    for removal in removals.filter({ $0.row.role != rdsIAM }) + removals.filter({ $0.row.role == rdsIAM }) {
      guard let role = roles[removal.row.role]?.identifier, let member = roles[removal.row.member]?.identifier
      else { continue }
      plan.changes.append(
        Change(
          step: removal.row.role == rdsIAM ? .rdsIAM : .ownerRole,
          sign: removal.former == nil ? .remove : .change, kind: "member",
          object: "\(member.display) of \(role.display)",
          action: .restoreMembership(removal.row, to: removal.former, role: role, member: member)))
    }
    for (change, facts) in created {
      guard let duties = duties[facts.name] else {
        plan.changes.append(
          Change(
            step: .ownerRole, sign: .remove, kind: "role", object: facts.identifier.display,
            action: .dropRole(facts.identifier)))
        continue
      }
      rest.append(change.today)
      plan.notes.append(note(facts, duties))
    }
    for row in needed.map(\.row) where !kept.contains(row.member) {
      plan.notes.append(
        "\(Identifier.display(row.member)) stays a member of \(Identifier.display(row.role)): another database "
          + "uses it. The same command ends that when the other one has been reverted")
    }
    return rest
  }

  /// Memberships that somebody needs to work in a database of which this journal knows nothing.
  private func needed(_ removals: [Removal], _ rdsIAM: String) async throws -> [Removal] {
    let owners = try await OwnersElsewhere(but: databases, session)
    // Without INHERIT and SET nobody works as the role.
    func graph(without gone: [MembershipRow]) -> MembershipGraph {
      MembershipGraph(
        edges: memberships.filter { !gone.contains($0) && ($0.inherit != false || $0.set != false) }
          .map { ($0.role, $0.member) })
    }
    func isNeeded(_ removal: Removal, _ worker: String, _ graph: MembershipGraph) -> Bool {
      !owners.since(removal.oldest).isDisjoint(with: graph.roles(of: worker).union([worker]))
    }
    let lasting = removals.filter { $0.change.journaled.interim != true }
    let interim = removals.filter { $0.change.journaled.interim == true }.map(\.row)
    let owning = graph(without: interim)
    let acting = lasting.filter { $0.row.role != rdsIAM && isNeeded($0, $0.row.role, owning) }
    let gone = removals.map(\.row).filter { !acting.map(\.row).contains($0) }
    let left = graph(without: gone)
    return acting + lasting.filter { $0.row.role == rdsIAM && isNeeded($0, $0.row.member, left) }
  }

  private func note(_ role: RoleFacts, _ duties: [RoleDuties.Duty]) -> String {
    let shown = duties.prefix(3).map(\.text).joined(separator: ", ")
    let more = duties.count > 3 ? ", and \(duties.count - 3) more" : ""
    return
      "role \(role.identifier.display) is kept: it \(shown)\(more). The same command drops it when that has ended"
  }

  private struct Removal {
    var row: MembershipRow
    /// What the row was before; nil: there was none.
    var former: MembershipRow?
    var change: PastChange
    /// The first that setup did to the membership.
    var oldest: PastChange

    /// To be undone another time: back to what the first change found.
    var kept: JournaledChange {
      var kept = oldest.today
      kept.interim = nil
      return kept
    }
  }

  /// Memberships go back to the oldest state the journal knows.
  private func memberships(_ changes: [PastChange]) -> [Removal] {
    var seen: Set<[String]> = []
    var removals: [Removal] = []
    let granted = changes.filter { $0.undo == .revokeRole }
    for change in changes where change.undo == .revokeRole || change.undo == .ended {
      guard let role = change.role?.name.flatMap({ roles[$0]?.identifier }),
        let member = change.member?.name.flatMap({ roles[$0]?.identifier }),
        // What has ended since, and is there all the same, is somebody else's.
        seen.insert([role.name, member.name]).inserted, change.undo == .revokeRole
      else { continue }
      let oldest = granted.last { $0.role == change.role && $0.member == change.member } ?? change
      for row in memberships where row.role == role.name && row.member == member.name {
        let earlier = oldest.memberships.first { $0.grantor == row.grantor }
        guard row.undo(earlier, role, member) != nil else { continue }
        removals.append(Removal(row: row, former: earlier, change: change, oldest: oldest))
        break
      }
    }
    return removals
  }

  /// What a login becomes goes back, through several applies, to what the first one found.
  private func settings(_ changes: [PastChange], _ plan: inout Plan) async throws {
    var seen: Set<[String]> = []
    let set = changes.filter { $0.undo == .loginRole }
    for change in set {
      guard let member = change.member?.name.flatMap({ roles[$0]?.identifier }),
        let database = change.database,
        seen.insert([member.name, database]).inserted
      else { continue }
      let now = try await RoleInspector(session: session).roleSetting(of: member.name, in: database)
      var target = change.from
      for older in set.drop(while: { $0.to != change.to }).dropFirst()
      where older.member == change.member && older.database == database && older.to == target {
        target = older.from
      }
      // The setting is a text: it goes on naming a role that has been renamed or dropped.
      guard now == change.to?.name || now == change.to?.journaled else {
        if now != target?.name {
          plan.notes.append(
            "\(member.display) becomes \(now.map(Identifier.display) ?? "itself") on login by now: left alone"
          )
        }
        continue
      }
      var previous: Identifier?
      if let name = target?.name { previous = try await session.identifier(name) }
      plan.changes.append(
        Change(
          step: .ownerRole, sign: .remove, kind: "setting",
          object: "\(member.display) in \(Identifier.display(database))",
          from: now.map { "role = \($0)" }, to: previous.map { "role = \($0.name)" },
          action: .resetLoginRole(
            member: member, database: try await session.identifier(database), to: previous),
          database: database))
    }
  }

  /// Roles that setup created, if they are still the ones it created.
  private func created(_ changes: [PastChange], _ plan: inout Plan) -> [(
    change: PastChange, facts: RoleFacts
  )] {
    var created: [(change: PastChange, facts: RoleFacts)] = []
    var seen: Set<UInt32> = []
    for change in changes where change.undo == .dropRole {
      guard let name = change.role?.name, let facts = roles[name], facts.oid == change.journaled.roleOID
      else {
        if let name = change.role?.journaled, let other = roles[name] {
          plan.notes.append("role \(other.identifier.display) is another one than setup created: left alone")
        }
        continue
      }
      if seen.insert(facts.oid).inserted { created.append((change, facts)) }
    }
    return created
  }
}

extension PastChange {
  /// The change to be journaled once more, with today's names.
  var today: JournaledChange {
    var change = journaled
    change.role = role?.name ?? change.role
    change.member = member?.name ?? change.member
    change.memberships = memberships.isEmpty ? nil : memberships
    change.owners = change.owners.map { owners in
      Dictionary(owners.compactMap { owner in roles.name(owner.key).map { ($0, owner.value) } }) { $1 }
    }
    return change
  }
}
