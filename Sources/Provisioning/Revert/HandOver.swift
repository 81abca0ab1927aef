internal import Postgres

/// Gives what has been created since the move, and what belonged to a role that is gone, to whoever owned most of its
/// schema, so that nothing is left in the hands of a role that nobody uses any more.
struct HandOver {
  let undo: Undo
  /// Where the objects of the journal came from.
  let ways: [Undo.Key: Undo.Way]
  /// Roles that setup created.
  let created: Set<String>
  /// What the new owner had before setup, if the journal tells.
  let holdings: Set<ObjectKey>?
  let code: NewCode
  /// Functions that are called by what stays.
  let called: Set<ObjectKey>
  /// Default privileges as they are now.
  let defaults: [CatalogSnapshot.DefaultPrivilege]

  /// - Parameter orphans: objects of the journal whose former owner no longer exists.
  func plan(_ orphans: [Undo.Orphan], _ plan: inout Plan) async throws {
    var objects = orphans
    objects += try await unknown(of: created).map { Undo.Orphan(object: $0, back: nil) }
    let inherited = try await unknown(of: heirs)
    guard !objects.isEmpty || !inherited.isEmpty else { return }
    let owners = try await formerOwners()
    // What else a role of its own owns is its own.
    objects += inherited.filter { $0.schema.map { owners.bySchema[$0.name] != nil } ?? false }
      .map { Undo.Orphan(object: $0, back: nil) }
    func candidates(_ object: ObjectFacts) -> [String: Int] {
      object.schema.flatMap { owners.bySchema[$0.name] }
        ?? (object.catalog == .namespace ? owners.bySchema[object.name.name] : nil) ?? owners.all
    }
    let staying = try await code.staying(objects.map(\.object)) { Self.main(candidates($0)) }
    let called = called.union(staying.values.map { ObjectKey(catalog: .routine, oid: $0.routine) })
    let acting = try await ActingObjects(session: undo.session).gaining(objects.map(\.object)) {
      Self.main(candidates($0))
    }.union(called)
    var changes: [Change] = []
    for orphan in objects {
      let object = orphan.object
      let candidates = candidates(object)
      guard let owner = Self.main(candidates).flatMap({ undo.roles[$0]?.identifier }) else {
        plan.notes.append(note(orphan, candidates))
        continue
      }
      guard owner.name != object.owner else { continue }
      let why = orphan.back == nil ? "was created since" : "belonged to a role that no longer exists"
      if let call = staying[ObjectKey(object)] {
        plan.notes.append(NewCode.note(object, call, owner))
        continue
      }
      guard !acting.contains(ObjectKey(object)) else {
        plan.notes.append(ActingObjects.note(object, why, owner))
        continue
      }
      var change = Change(
        step: .ownership, sign: .change, kind: object.kind.rawValue, object: object.display,
        from: object.owner, to: owner.name, action: .alterOwner(object, to: owner),
        database: undo.server.database)
      change.wayBack = orphan.back ?? back(object, to: owner.name)
      changes.append(change)
      plan.notes.append("\(object.kind.rawValue) \(object.display) \(why): it goes to \(owner.display)")
    }
    plan.changes += changes.filter { $0.containment == 2 } + changes.filter { $0.containment != 2 }
  }

  /// New owners that existed before setup.
  private var heirs: Set<String> {
    guard holdings != nil else { return [] }
    return Set(ways.values.compactMap { $0.target == nil ? nil : $0.expected?.name }).subtracting(created)
  }

  /// What roles own that neither the journal knows nor they had before.
  private func unknown(of owners: Set<String>) async throws -> [ObjectFacts] {
    let numbers = owners.compactMap { undo.roles[$0]?.oid }
    guard !numbers.isEmpty else { return [] }
    var objects: [ObjectFacts] = []
    for catalog in OwnedCatalog.allCases {
      objects += try await undo.objects(catalog, .owned(by: numbers)).filter {
        ways[Undo.Key(catalog: catalog, oid: $0.oid)] == nil && holdings?.contains(ObjectKey($0)) != true
      }
    }
    return objects
  }

  /// What default privileges of setup's have given with an object goes, unless its owner gives it, too.
  private func back(_ object: ObjectFacts, to owner: String) -> WayBack {
    var back = WayBack(owner: object.owner)
    let schema = object.catalog == .namespace ? nil : object.schema?.name
    back.steps = steps(object.kind.defaultsKeyword, schema, from: object.owner, to: owner)
    if object.kind == .table {
      back.followerGrants = steps("SEQUENCES", schema, from: object.owner, to: owner)
    }
    return back
  }

  private func steps(
    _ objects: String?, _ schema: String?, from current: String, to owner: String
  ) -> [WayBack.Step] {
    undo.grants.given(to: objects, 0, in: schema, by: current).compactMap { role, letters in
      let rest = letters.filter { letter in
        let isOwners = defaults.contains {
          $0.owner == owner && !$0.revoked && $0.objects == objects
            && AccessList.letter($0.privilege) == letter && $0.grantee?.name == role
            && ($0.schema == nil || $0.schema?.name == schema)
        }
        return !isOwners
      }
      return rest.isEmpty ? nil : .grant(role: role, letters: rest)
    }
  }

  /// Who owns more than half, if anybody does.
  static func main(_ counts: [String: Int]) -> String? {
    let all = counts.values.reduce(0, +)
    return counts.first { $0.value * 2 > all }?.key
  }

  private func note(_ orphan: Undo.Orphan, _ candidates: [String: Int]) -> String {
    let object = orphan.object
    let names = candidates.keys.sorted().map(Identifier.display).joined(separator: ", ")
    return "\(object.kind.rawValue) \(object.display) "
      + (orphan.back == nil ? "was created since" : "belonged to a role that no longer exists")
      + ", and it is not clear whose it is\(names.isEmpty ? "" : " (\(names))"): it stays with "
      + "\(Identifier.display(object.owner)). ALTER \(object.kind.keyword) \(object.sql) OWNER TO … gives it to somebody"
  }

  /// How many relations of each schema belonged to whom; where there were none, other objects.
  private func formerOwners() async throws -> (bySchema: [String: [String: Int]], all: [String: Int]) {
    var relations: [String: [String: Int]] = [:]
    var others: [String: [String: Int]] = [:]
    let known = ways.keys.map { ObjectKey(catalog: $0.catalog, oid: $0.oid) } + (holdings ?? [])
    for (catalog, keys) in Dictionary(grouping: known, by: \.catalog) {
      for object in try await undo.objects(catalog, .oids(keys.map(\.oid))) {
        guard let schema = object.schema?.name,
          let owner = ways[Undo.Key(catalog: catalog, oid: object.oid)].map({ $0.target?.name })
            ?? object.owner,
          let facts = undo.roles[owner], !created.contains(owner), !owner.hasPrefix("pg_"),
          undo.server.isSuperuser || !facts.isSuperuser
        else { continue }
        if catalog == .relation {
          relations[schema, default: [:]][owner, default: 0] += 1
        } else {
          others[schema, default: [:]][owner, default: 0] += 1
        }
      }
    }
    let bySchema = others.merging(relations) { _, relations in relations }
    var all: [String: Int] = [:]
    for counts in bySchema.values { all.merge(counts) { $0 + $1 } }
    return (bySchema, all)
  }
}
