internal import Postgres

/// Which interim memberships earlier runs have begun and not ended, as their journal and the server have it.
enum JournaledInterims {
  private struct Pair: Hashable {
    var role: String
    var member: String
  }

  /// - Parameter path: the journal's.
  /// - Throws: `SetupProblem` when the file is not a journal.
  static func inForce(
    _ path: String, _ server: ServerFacts, _ session: Session
  ) async throws -> Set<InterimMembership> {
    let records = JournalIdentity.ofCluster(try Journal.records(path), server)
    guard records.contains(where: { $0.batch?.changes.contains { $0.interim == true } == true }) else {
      return []
    }
    let today = try await RoleInspector(session: session).numbers()
    var roles = JournaledRoles(numbers: [:], today: today)
    var open: [Pair: (database: String, former: [MembershipRow])] = [:]
    for record in records {
      if let begin = record.begin {
        roles = JournaledRoles(numbers: begin.roles ?? [:], today: today)
      } else if let reverted = record.reverted {
        open = open.filter { $0.value.database != reverted.database }
      } else if let batch = record.batch {
        let changes = batch.changes.filter { [.dropRole, .revokeRole, .ended].contains($0.undo) }
        guard !changes.isEmpty, try await session.wasCommitted(batch.transaction) else { continue }
        for change in changes {
          if change.undo == .dropRole, let role = change.role, let number = change.roleOID {
            roles.add(role, number)
          }
          guard let role = change.role.flatMap({ roles.name($0) }),
            let member = change.member.flatMap({ roles.name($0) })
          else { continue }
          // Whatever is granted for good, or ended, is interim no more.
          open[Pair(role: role, member: member)] =
            change.interim == true ? (batch.database, change.memberships ?? []) : nil
        }
      }
    }
    guard !open.isEmpty else { return [] }
    var found: Set<InterimMembership> = []
    for row in try await MembershipRow.all(explicitOptions: server.hasMembershipOptions, session) {
      guard let former = open[Pair(role: row.role, member: row.member)]?.former,
        !former.contains(where: { $0.grantor == row.grantor })
      else { continue }
      found.insert(
        InterimMembership(
          role: try await session.identifier(row.role), member: try await session.identifier(row.member)))
    }
    return found
  }
}
