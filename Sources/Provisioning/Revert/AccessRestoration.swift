internal import Postgres

/// Works out, before anything is locked, the statements that bring access privileges back to what a journal says
/// they were.
///
/// A change of owner renames the owner's entries, so most privileges are right again by themselves. What a
/// merge of entries swallowed is granted anew; what setup granted is revoked; what somebody else has granted
/// since stays, with a notice.
struct AccessRestoration {
  let session: Session

  struct Outcome {
    /// What follows a change, by its index.
    var statements: [Int: [String]] = [:]
    var notices: [String] = []
    /// Roles in whose name something has to be granted.
    var grantors: Set<Identifier> = []
  }

  /// One list of privileges: an object's, a column's, or that of a sequence that follows its table.
  private struct Part {
    var index: Int
    var change: Change
    var clause: String
    var column: Identifier?
    var kind: String
    var former: String?
    var current: String?
    var ownerBefore: String
    var ownerAfter: String
  }

  func plan(_ changes: [Change], _ state: FormerState) async throws -> Outcome {
    var outcome = Outcome()
    let parts = try await parts(changes, state).filter { $0.former != nil || $0.current != nil }
    guard !parts.isEmpty else { return outcome }
    let me = try await session.identifier(session.user)
    let lists = try await AccessList.read(
      parts.map { ($0.former, $0.kind, $0.ownerAfter) } + parts.map { ($0.current, $0.kind, $0.ownerBefore) },
      session)
    var rewritten: Set<Int> = []
    for (number, part) in parts.enumerated() {
      var wanted = lists[number]
      let owner = try await session.identifier(part.ownerAfter)
      var expected = lists[parts.count + number].handedOver(to: owner)
      // To revoke a table's privileges revokes its columns' as well.
      if part.column != nil, rewritten.contains(part.index) { expected.entries = [] }
      let added = wanted.addedSince(expected, grantedBySetup: part.change.grantedRoles)
      wanted.entries += added
      for entry in added {
        outcome.notices.append(
          "\(part.change.kind) \(part.change.object): \(entry.privilege) of \(entry.grantee?.display ?? "PUBLIC") "
            + "was granted since and stays")
      }
      let same =
        part.former == nil ? Set(wanted.entries) == Set(expected.entries) : wanted.entries == expected.entries
      guard !same else { continue }
      if part.column == nil { rewritten.insert(part.index) }
      outcome.grantors.formUnion(wanted.otherGrantors)
      outcome.statements[part.index, default: []] += wanted.statements(
        instead: expected, on: part.clause, column: part.column, actingAs: me)
    }
    return outcome
  }

  private func parts(_ changes: [Change], _ state: FormerState) async throws -> [Part] {
    var parts: [Part] = []
    var sequences: [(part: Part, oid: String)] = []
    for (index, change) in changes.enumerated() {
      guard let former = change.formerAccess, let object = change.action.target,
        let ownerBefore = state.owner(of: object)
      else { continue }
      let current = state.access(of: object) ?? FormerAccess()
      var ownerAfter = ownerBefore
      if case .alterOwner(_, let owner) = change.action { ownerAfter = owner.name }
      let part = Part(
        index: index, change: change, clause: object.grantClause, kind: object.aclKind, former: former.acl,
        current: current.acl, ownerBefore: ownerBefore, ownerAfter: ownerAfter)
      parts.append(part)
      for name in Set((former.columns ?? [:]).keys).union((current.columns ?? [:]).keys).sorted() {
        var column = part
        (column.column, column.kind) = (try await session.identifier(name), "c")
        (column.former, column.current) = (former.columns?[name], current.columns?[name])
        parts.append(column)
      }
      for oid in Set((former.sequences ?? [:]).keys).union((current.sequences ?? [:]).keys).sorted() {
        var sequence = part
        sequence.kind = "s"
        (sequence.former, sequence.current) = (former.sequences?[oid], current.sequences?[oid])
        sequences.append((sequence, oid))
      }
    }
    return parts + (try await named(sequences))
  }

  private func named(_ sequences: [(part: Part, oid: String)]) async throws -> [Part] {
    guard !sequences.isEmpty else { return [] }
    let rows = try await session.query(
      """
      SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = ANY($1::oid[])
      """, [arrayLiteral(sequences.map(\.oid))])
    var clauses: [String: String] = [:]
    for row in 0..<rows.count {
      let schema = try await session.identifier(rows.text(row, 1))
      let name = try await session.identifier(rows.text(row, 2))
      clauses[rows.text(row, 0)] = "SEQUENCE \(schema.quoted).\(name.quoted)"
    }
    return sequences.compactMap { sequence in
      guard let clause = clauses[sequence.oid] else { return nil }
      var part = sequence.part
      part.clause = clause
      return part
    }
  }
}
