internal import Postgres

/// What calls, since it was moved, code of somebody who can do less than its former owner: the old application would run
/// that with its own privileges.
struct NewCode {
  let undo: Undo
  /// Where the objects of the journal came from.
  let ways: [Undo.Key: Undo.Way]
  /// Roles that setup created: what they have goes to the former owners.
  let created: Set<String>
  /// What was called when runs of apply began.
  let runs: [Int: CalledCode]

  /// What stays, and the first function for which it does.
  typealias Staying = [ObjectKey: CalledCode.Call]

  /// Takes out of a plan what has come to call such code, and moved functions of that kind.
  ///
  /// - Returns: all functions that what stays calls.
  func remove(from plan: inout Plan) async throws -> Set<ObjectKey> {
    guard !runs.isEmpty else { return [] }
    var receivers: [ObjectKey: Identifier] = [:]
    var objects: [ObjectFacts] = []
    for change in plan.changes {
      guard case .alterOwner(let object, let owner) = change.action, object.catalog == .relation else {
        continue
      }
      receivers[ObjectKey(object)] = owner
      objects.append(object)
    }
    let staying = try await staying(objects) { receivers[ObjectKey($0)]?.name }
    let called = Set(staying.values.map { ObjectKey(catalog: .routine, oid: $0.routine) })
    guard !staying.isEmpty else { return [] }
    plan.changes.removeAll { change in
      guard case .alterOwner(let object, let owner) = change.action else { return false }
      if let call = staying[ObjectKey(object)] {
        plan.notes.append(Self.note(object, call, owner))
        return true
      }
      guard called.contains(ObjectKey(object)) else { return false }
      plan.notes.append(ActingObjects.note(object, "was rewritten since", owner))
      return true
    }
    return called
  }

  /// Why an object stays where it is.
  static func note(_ object: ObjectFacts, _ call: CalledCode.Call, _ receiver: Identifier) -> String {
    ActingObjects.note(
      object,
      call.catalog == CalledCode.foreignKey
        ? "has got a foreign key whose actions call \(call.display)"
        : "calls \(call.display), which it did not before", receiver)
  }

  /// - Parameter receiver: who would get an object.
  func staying(_ objects: [ObjectFacts], _ receiver: (ObjectFacts) -> String?) async throws -> Staying {
    guard !runs.isEmpty, objects.contains(where: { $0.catalog == .relation }) else { return [:] }
    let calls = try await CalledCode.read(undo.session)
    guard !calls.isEmpty else { return [:] }
    let families = try await families(of: Set(calls.map(\.relation)))
    var byRelation: [UInt32: [CalledCode.Call]] = [:]
    for call in calls {
      for relation in families[call.relation] ?? [call.relation] {
        byRelation[relation, default: []].append(call)
      }
    }
    var new: [(object: ObjectFacts, receiver: String, calls: [CalledCode.Call])] = []
    for object in objects where object.catalog == .relation {
      guard let receiver = receiver(object), let calls = byRelation[object.oid] else { continue }
      let found = newCalls(of: object, calls)
      if !found.isEmpty { new.append((object, receiver, found)) }
    }
    guard !new.isEmpty else { return [:] }
    let reach = InterimReach(session: undo.session)
    let receivers = Set(new.map(\.receiver))
    let owners = Set(new.flatMap(\.calls).map(\.owner))
    let powers = try await reach.privileges(of: owners, among: receivers)
    let withMore = try await reach.withMore(receivers, than: try await schemas())
    var staying: Staying = [:]
    for (object, receiver, calls) in new {
      staying[ObjectKey(object)] = calls.first { call in
        let isHandedOver = call.owner == object.owner || created.contains(call.owner)
        return undo.roles[call.owner]?.isSuperuser != true && powers[call.owner]?.contains(receiver) != true
          && !(isHandedOver && !withMore.contains(receiver))
      }
    }
    return staying
  }

  /// A function that was moved and is what it was counts as its former owner's.
  private func newCalls(of object: ObjectFacts, _ calls: [CalledCode.Call]) -> [CalledCode.Call] {
    var known = CalledCode([])
    if let way = ways[Undo.Key(catalog: object.catalog, oid: object.oid)] {
      guard let run = way.changes.last(where: { $0.undo == .owner })?.run, let code = runs[run] else {
        return []
      }
      known = code
    }
    return known.new(among: calls) { wayOf($0) != nil }.map { call in
      var call = call
      if let name = wayOf(call.routine)?.target?.name, known.isUnchanged(call) { call.owner = name }
      return call
    }
  }

  private func wayOf(_ routine: UInt32) -> Undo.Way? {
    ways[Undo.Key(catalog: .routine, oid: routine)].flatMap { $0.target == nil ? nil : $0 }
  }

  /// Whoever uses a table uses its partitions and children: each relation with what it is a part of.
  private func families(of relations: Set<UInt32>) async throws -> [UInt32: [UInt32]] {
    let rows = try await undo.session.query(
      """
      WITH RECURSIVE family(relation, ancestor) AS (
        SELECT r, r FROM unnest($1::oid[]) r
        UNION SELECT f.relation, i.inhparent FROM family f JOIN pg_inherits i ON i.inhrelid = f.ancestor)
      SELECT relation, ancestor FROM family
      """, [oidArrayLiteral(relations)])
    var families: [UInt32: [UInt32]] = [:]
    for row in 0..<rows.count {
      families[UInt32(rows.text(row, 0)) ?? 0, default: []].append(UInt32(rows.text(row, 1)) ?? 0)
    }
    return families
  }

  /// Where something was moved.
  private func schemas() async throws -> [String] {
    let rows = try await undo.session.query(
      """
      SELECT DISTINCT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY($1::oid[])
      """, [oidArrayLiteral(ways.keys.lazy.filter { $0.catalog == .relation }.map(\.oid))])
    return rows.map { rows.text($0, 0) }
  }
}
