internal import AccessModel
internal import Postgres

/// Makes sure that statements meet the objects that were planned: a plan means an object's number, a statement finds
/// it by name, and names may have been given to other objects since. What could act for its owner must not act
/// otherwise than it was shown to.
enum ObjectIdentity {
  /// - Throws: `Transaction.Failure.stale` with what has been dropped, renamed or given to somebody else since the plan
  ///   was made.
  static func check(_ changes: [Change], _ state: FormerState) throws(Transaction.Failure) {
    try collect(changes) { change, object in
      guard let place = state.place(of: object) else { return "it has been dropped since the plan was made" }
      guard place == FormerState.Place(object) else {
        return "another name, \(display(place)), has been given to it since the plan was made"
      }
      guard case .alterOwner = change.action, let owner = state.owner(of: object), owner != object.owner
      else { return nil }
      return "its owner has become \(Identifier.display(owner)) since the plan was made"
    }
  }

  /// Statements for the end of a transaction, when its locks keep every name where it is: they fail unless what was
  /// to change hands did, by number, and unless whatever else was named is what was meant.
  static func assertions(_ changes: [Change], _ session: Session) async throws -> [String] {
    var moved: [OwnedCatalog: [String: Set<UInt32>]] = [:]
    var named: [OwnedCatalog: [UInt32: ObjectFacts]] = [:]
    for change in changes {
      guard let object = change.action.target else { continue }
      if case .alterOwner(_, let owner) = change.action {
        moved[object.catalog, default: [:]][owner.name, default: []].insert(object.oid)
      } else if moved[object.catalog]?.values.contains(where: { $0.contains(object.oid) }) != true {
        named[object.catalog, default: [:]][object.oid] = object
      }
    }
    var conditions: [String] = []
    for (catalog, owners) in moved {
      for (owner, oids) in owners {
        conditions.append(
          catalog.areOwned(
            "'\(oidArrayLiteral(oids.sorted()))'::oid[]", by: try await session.literal(owner),
            count: oids.count))
      }
    }
    for (catalog, objects) in named {
      conditions.append(
        catalog.areNamed(
          "'\(oidArrayLiteral(objects.keys))'::oid[]",
          schemas: try await session.literal(arrayLiteral(objects.values.map { $0.schema?.name ?? "" })),
          names: try await session.literal(arrayLiteral(objects.values.map(\.name.name))),
          count: objects.count))
    }
    for (catalog, objects) in Dictionary(grouping: judged(changes), by: \.catalog) {
      conditions.append(CodeDigest.areUnchanged(catalog, objects))
    }
    return conditions.map(GuardAssertion.statement)
  }

  /// Conditions for the end of a script's transaction: by number, what was judged has changed hands, and it is what it was.
  static func judgements(_ changes: [Change]) -> [String] {
    var objects: [OwnedCatalog: [String: [ObjectFacts]]] = [:]
    for change in changes {
      guard case .alterOwner(let object, let owner) = change.action, object.code != nil else { continue }
      objects[object.catalog, default: [:]][owner.name, default: []].append(object)
    }
    return objects.sorted { $0.key.rawValue < $1.key.rawValue }.flatMap { catalog, owners in
      owners.sorted { $0.key < $1.key }.flatMap { owner, objects in
        [
          catalog.areOwned(
            "'\(oidArrayLiteral(objects.map(\.oid)))'::oid[]", by: SQLText.literal(owner, .script),
            count: objects.count),
          CodeDigest.areUnchanged(catalog, objects, .script),
        ]
      }
    }
  }

  /// The same with an answer that names the objects.
  static func checkAfterwards(_ changes: [Change], _ session: Session) async throws {
    let state = try await FormerState.read(changes.compactMap(\.action.target), session)
    let changed = try await CodeDigest.changed(judged(changes), session)
    try collect(changes) { change, object in
      var isMeant = state.place(of: object) == FormerState.Place(object)
      if case .alterOwner(_, let owner) = change.action {
        if changed.contains(ObjectKey(object)) {
          return
            "what it does with its owner's privileges, or who may use it, has changed since the plan was made"
        }
        isMeant = state.owner(of: object) == owner.name
      }
      return isMeant ? nil : "another object has got its name since the plan was made"
    }
  }

  /// What changes hands and was judged by what it does.
  private static func judged(_ changes: [Change]) -> [ObjectFacts] {
    changes.compactMap { change in
      guard case .alterOwner(let object, _) = change.action, object.code != nil else { return nil }
      return object
    }
  }

  private static func collect(
    _ changes: [Change], _ reason: (Change, ObjectFacts) -> String?
  ) throws(Transaction.Failure) {
    var setAside: [Transaction.SetAside] = []
    for range in ChangeGroup.ranges(changes) {
      let change = changes[range.lowerBound]
      guard let object = change.action.target, let reason = reason(change, object) else { continue }
      setAside.append(.init(index: range.lowerBound, reason: reason))
    }
    if !setAside.isEmpty { throw .stale(setAside) }
  }

  private static func display(_ place: FormerState.Place) -> String {
    (place.schema.map { "\(Identifier.display($0))." } ?? "") + Identifier.display(place.name)
  }
}
