internal import Postgres

/// Takes from objects that have been created since the move, and stay with their owners, what setup's default privileges
/// gave with them.
struct CreatedSince {
  let undo: Undo
  /// Where the objects of the journal came from.
  let ways: [Undo.Key: Undo.Way]
  /// Roles whose objects are handed over.
  let created: Set<String>

  func plan(_ plan: inout Plan) async throws {
    let owners = undo.grants.creators.subtracting(created).compactMap { undo.roles[$0]?.oid }
    guard !owners.isEmpty else { return }
    let handedOver = Set(plan.changes.compactMap { $0.action.target.map(ObjectKey.init) })
    var objects: [ObjectFacts] = []
    for catalog in [OwnedCatalog.relation, .routine, .type] {
      objects += try await undo.objects(catalog, .owned(by: owners)).filter {
        ways[Undo.Key(catalog: catalog, oid: $0.oid)] == nil && !handedOver.contains(ObjectKey($0))
      }
    }
    let state = try await FormerState.read(objects, undo.session)
    for object in objects {
      let back = back(object, state.access(of: object) ?? FormerAccess())
      if back.hasGrants { plan.changes.append(undo.restoration(object, back)) }
    }
  }

  private func back(_ object: ObjectFacts, _ access: FormerAccess) -> WayBack {
    var back = WayBack(owner: object.owner)
    if let (former, steps) = before(access.acl, object.kind.defaultsKeyword, object.oid, object) {
      back.access[.object] = former
      back.steps = steps
    }
    for (oid, text) in access.sequences ?? [:] {
      guard let oid = UInt32(oid), let (former, steps) = before(text, "SEQUENCES", oid, object) else {
        continue
      }
      back.access[.sequence(oid)] = former
      back.sequenceSteps[oid] = steps
    }
    return back
  }

  /// A list as it would be without setup, and what that gave.
  private func before(
    _ text: String?, _ objects: String?, _ oid: UInt32, _ object: ObjectFacts
  ) -> (AccessList, [WayBack.Step])? {
    guard let list = text.flatMap({ AccessList($0, owner: object.owner, name: { $0 }) }) else { return nil }
    let given = undo.grants.given(to: objects, oid, in: object.schema?.name, by: object.owner)
    let former = list.without(given)
    let steps = given.compactMap { role, letters -> WayBack.Step? in
      let taken = letters.filter {
        let key = AccessList.Key(grantor: object.owner, grantee: role, privilege: $0)
        return former[key] < list[key]
      }
      return taken.isEmpty ? nil : .grant(role: role, letters: taken)
    }
    return steps.isEmpty ? nil : (former, steps)
  }
}
