internal import Postgres

/// Which objects would do more for others if they became somebody's: they act with their owner's privileges, and it was
/// not that owner who wrote them.
struct ActingObjects {
  let session: Session

  /// Why an object stays where it is.
  static func note(_ object: ObjectFacts, _ why: String, _ receiver: Identifier) -> String {
    "\(object.kind.rawValue) \(object.display) \(why), and what it does it would do with the privileges of "
      + "\(receiver.display): it stays with \(Identifier.display(object.owner)). When you have read it: "
      + "ALTER \(object.kind.keyword) \(object.sql) OWNER TO \(receiver.quoted)"
  }

  /// Takes out of a plan what somebody has rewritten since it was moved, and what would gain by going back.
  func removeRewritten(_ ways: [Undo.Key: Undo.Way], from plan: inout Plan) async throws {
    var rewritten: [ObjectFacts] = []
    var receivers: [ObjectKey: Identifier] = [:]
    for change in plan.changes {
      guard case .alterOwner(let object, let owner) = change.action else { continue }
      receivers[ObjectKey(object)] = owner
      rewritten.append(object)
    }
    for catalog in [OwnedCatalog.relation, .routine] {
      let oids = rewritten.filter { $0.catalog == catalog }.map(\.oid)
      guard !oids.isEmpty else { continue }
      let rows = try await session.execute(catalog.definitions(of: oids)).first
      var same: Set<UInt32> = []
      for row in 0..<(rows?.count ?? 0) {
        guard let oid = rows.flatMap({ UInt32($0.text(row, 0)) }) else { continue }
        let before = ways[Undo.Key(catalog: catalog, oid: oid)]?.changes.last { $0.undo == .owner }
        if before?.journaled.definition == rows?[row, 1] { same.insert(oid) }
      }
      rewritten.removeAll { $0.catalog == catalog && same.contains($0.oid) }
    }
    let gaining = try await gaining(rewritten) { receivers[ObjectKey($0)]?.name }
    plan.changes.removeAll { change in
      guard case .alterOwner(let object, let owner) = change.action, gaining.contains(ObjectKey(object))
      else {
        return false
      }
      plan.notes.append(Self.note(object, "was rewritten since", owner))
      return true
    }
  }

  /// - Parameter receiver: who would get an object.
  func gaining(
    _ objects: [ObjectFacts], _ receiver: (ObjectFacts) -> String?
  ) async throws -> Set<ObjectKey> {
    var gaining: Set<ObjectKey> = []
    let receivers = Dictionary(
      grouping: objects.filter { [.relation, .routine].contains($0.catalog) }, by: receiver)
    for (name, objects) in receivers {
      guard let name else { continue }
      let schemas = Set(objects.compactMap(\.schema?.name)).sorted()
      let code = try await CodeInspector(session: session, schemas: schemas, newOwner: name, taken: [])
        .rows()
      let queries = try await QueryInspector(session: session, schemas: schemas, newOwner: name, taken: [:])
        .uses()
      let acting = Set(code.map(\.object)).union(
        queries.filter { !$0.use.beyondOwner.isEmpty }.map { ObjectKey(catalog: .relation, oid: $0.oid) })
      gaining.formUnion(objects.map(ObjectKey.init).filter(acting.contains))
    }
    return gaining
  }
}
