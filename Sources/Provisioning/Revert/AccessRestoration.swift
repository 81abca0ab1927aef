internal import Postgres

/// Brings access privileges back to what a journal says they were, inside the transaction that has just given
/// the object back to its owner.
///
/// A change of owner renames the owner's entries, so most privileges are right again by themselves. What a
/// merge of entries swallowed is granted anew; what setup granted is revoked; what somebody else has granted
/// since stays, with a notice.
struct AccessRestoration {
  let session: Session
  let server: ServerFacts

  /// - Returns: notices about privileges left alone.
  func restore(_ changes: [Change]) async throws -> [String] {
    let wanted = changes.filter { $0.formerAccess != nil }
    guard !wanted.isEmpty else { return [] }
    let targets = wanted.compactMap(\.action.target)
    var notices: [String] = []
    let now = try await FormerState.read(targets, session)
    for change in wanted {
      guard let object = change.action.target, let former = change.formerAccess,
        let current = now.access(of: object),
        current != former
      else { continue }
      let clause = "\(object.kind.grantKeyword ?? object.kind.keyword) \(object.sql)"
      notices += try await restore(
        former.acl, instead: current.acl, kind: object.aclKind, owner: now.owner(of: object) ?? "",
        on: clause, change)
      notices += try await restoreColumns(former, current, object, owner: now.owner(of: object) ?? "", change)
      notices += try await restoreSequences(former, current, change)
    }
    return notices
  }

  private func restoreColumns(
    _ former: FormerAccess, _ current: FormerAccess, _ object: ObjectFacts, owner: String, _ change: Change
  ) async throws -> [String] {
    var notices: [String] = []
    let names = Set((former.columns ?? [:]).keys).union((current.columns ?? [:]).keys)
    for name in names.sorted() where former.columns?[name] != current.columns?[name] {
      let column = try await session.identifier(name)
      notices += try await restore(
        former.columns?[name], instead: current.columns?[name], kind: "c", owner: owner,
        on: "TABLE \(object.sql)",
        column: column, change)
    }
    return notices
  }

  private func restoreSequences(
    _ former: FormerAccess, _ current: FormerAccess, _ change: Change
  ) async throws -> [String] {
    var notices: [String] = []
    let oids = Set((former.sequences ?? [:]).keys).union((current.sequences ?? [:]).keys)
    for oid in oids.sorted() where former.sequences?[oid] != current.sequences?[oid] {
      let rows = try await session.query(
        """
        SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner) FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::oid
        """, [oid])
      guard rows.count == 1 else { continue }
      let schema = try await session.identifier(rows.text(0, 0))
      let name = try await session.identifier(rows.text(0, 1))
      notices += try await restore(
        former.sequences?[oid], instead: current.sequences?[oid], kind: "s", owner: rows.text(0, 2),
        on: "SEQUENCE \(schema.quoted).\(name.quoted)", change)
    }
    return notices
  }

  private func restore(
    _ former: String?, instead current: String?, kind: String, owner: String, on clause: String,
    column: Identifier? = nil, _ change: Change
  ) async throws -> [String] {
    var wanted = try await AccessList.read(former, kind: kind, owner: owner, session)
    let now = try await AccessList.read(current, kind: kind, owner: owner, session)
    let added = wanted.addedSince(now, grantedBySetup: change.grantedRoles)
    wanted.entries += added
    if wanted.entries != now.entries {
      try await grant(wanted, instead: now, on: clause, column: column)
    }
    return added.map { entry in
      "\(change.kind) \(change.object): \(entry.privilege) of \(entry.grantee?.display ?? "PUBLIC") was granted since and stays"
    }
  }

  /// To grant in the name of others, the operator has to be able to become them for a moment.
  private func grant(
    _ wanted: AccessList, instead now: AccessList, on clause: String, column: Identifier?
  ) async throws {
    let me = try await session.identifier(server.user)
    let borrowed = BorrowedMemberships(
      roles: try await BorrowedMemberships.unavailable(wanted.otherGrantors, server, session),
      operatorRole: me,
      explicitOptions: server.hasMembershipOptions)
    let before = try await borrowed.take(session)
    let statements = wanted.statements(instead: now, on: clause, column: column, actingAs: me)
    try await session.execute(statements.joined(separator: ";\n"))
    try await borrowed.giveBack(before, session)
  }
}
