internal import Postgres

/// Finds the objects that act with their owner's privileges among those that would change hands.
struct OwnerRightsInspector {
  let session: Session
  let request: SetupRequest
  /// Reads the journal; asked only where it matters.
  let moves: @Sendable () throws -> JournaledMoves

  /// Completes the snapshot: what acts for its owner, what stays for that, and what keeps it working.
  func read(into snapshot: inout CatalogSnapshot) async throws {
    guard !snapshot.objects.isEmpty else { return }
    try await judge(&snapshot)
    // Whatever changes after this has been read is noticed, so it is judged afterwards.
    if try await readDigests(into: &snapshot) { try await judge(&snapshot) }
    try await readAccess(into: &snapshot)
  }

  private func judge(_ snapshot: inout CatalogSnapshot) async throws {
    let schemas = snapshot.schemas.map(\.identifier.name)
    let owner = snapshot.newOwner.name
    let journaled = try journaledMoves(snapshot)
    let taken = moves(anything: snapshot) ? journaled.taken(by: owner) : [:]
    let code = CodeInspector(session: session, schemas: schemas, newOwner: owner, taken: Set(taken.keys))
    let acting = try await code.rows()
    let queries = try await QueryInspector(session: session, schemas: schemas, newOwner: owner, taken: taken)
      .uses()
    snapshot.attachedCode = try await code.attached()
    let moving = objects(snapshot)
    snapshot.ownerRights = try await withUsers(rights(acting, queries, of: moving, moving))
    let wanted = Set(acting.map(\.object)).union(queries.map { ObjectKey(catalog: .relation, oid: $0.oid) })
    let former = try await objects(taken.filter { wanted.contains($0.key) })
    snapshot.takenRights = try await withUsers(rights(acting, queries, of: former, moving))
    try await readReach(into: &snapshot, journaled)
  }

  /// Marks what moves from owners who had less power than the new owner.
  ///
  /// - Returns: false when there is nothing of the kind.
  private func readDigests(into snapshot: inout CatalogSnapshot) async throws -> Bool {
    let apart = snapshot.ownersInReach.sorted()
    var marked: [OwnedCatalog: [Int]] = [:]
    for (index, object) in snapshot.objects.enumerated()
    where object.catalog == .relation || object.catalog == .routine {
      if !snapshot.ownersInReach.contains(object.owner), OwnershipStep.mayMove(owner: object.owner, snapshot)
      {
        snapshot.objects[index].code = CodeDigest(digest: "", apart: apart)
        marked[object.catalog, default: []].append(index)
      }
    }
    for (catalog, indices) in marked {
      let digests = try await CodeDigest.read(catalog, indices.map { snapshot.objects[$0] }, session)
      for index in indices {
        let oid = snapshot.objects[index].oid
        snapshot.objects[index].code?.digest = digests[oid] ?? ""
      }
    }
    return !marked.isEmpty
  }

  private func moves(anything snapshot: CatalogSnapshot) -> Bool {
    snapshot.objects.contains {
      OwnerReach.carriesPower($0) && OwnershipStep.mayMove(owner: $0.owner, snapshot)
    }
  }

  private func journaledMoves(_ snapshot: CatalogSnapshot) throws -> JournaledMoves {
    snapshot.roles[snapshot.newOwner.name] == nil ? JournaledMoves() : try moves()
  }

  /// What would change hands.
  private func objects(_ snapshot: CatalogSnapshot) -> [ObjectKey: ObjectFacts] {
    var objects: [ObjectKey: ObjectFacts] = [:]
    for object in snapshot.objects where [.relation, .routine, .type].contains(object.catalog) {
      if OwnershipStep.mayMove(owner: object.owner, snapshot) { objects[ObjectKey(object)] = object }
    }
    return objects
  }

  /// What earlier runs moved, with whose it was as its owner.
  private func objects(_ taken: [ObjectKey: String]) async throws -> [ObjectKey: ObjectFacts] {
    var objects: [ObjectKey: ObjectFacts] = [:]
    for (catalog, keys) in Dictionary(grouping: taken.keys, by: \.catalog) {
      for result in try await session.execute(catalog.select(.oids(keys.map(\.oid)))) {
        for var object in try await ObjectReader(session: session).objects(in: catalog, result).objects {
          object.owner = taken[ObjectKey(object)] ?? object.owner
          objects[ObjectKey(object)] = object
        }
      }
    }
    return objects
  }

  /// - Parameter moving: what would change hands.
  private func rights(
    _ acting: [CodeInspector.Row], _ queries: [QueryInspector.Row], of objects: [ObjectKey: ObjectFacts],
    _ moving: [ObjectKey: ObjectFacts]
  ) -> [OwnerRights] {
    guard !objects.isEmpty else { return [] }
    var found: [OwnerRights] = []
    for row in acting {
      guard let object = objects[row.object] else { continue }
      if found.last.map({ ObjectKey($0.object) }) != row.object || found.last?.means != row.means {
        var rights = OwnerRights(object: object, means: row.means)
        rights.runsByItself = row.runsByItself
        rights.runsCode = row.source == nil
        found.append(rights)
      }
      if var source = row.source {
        source.moves = moving[source.object] != nil
        found[found.count - 1].sources.append(source)
      } else {
        found[found.count - 1].runsCode = true
      }
    }
    for (oid, rows) in Dictionary(grouping: queries, by: \.oid).sorted(by: { $0.key < $1.key }) {
      let key = ObjectKey(catalog: .relation, oid: oid)
      guard let object = objects[key] else { continue }
      var rights = OwnerRights(object: object, means: .query)
      rights.uses = rows.map { row in
        var use = row.use
        if moving[ObjectKey(catalog: .relation, oid: use.oid)] != nil {
          use.beyondNewOwner = []
        } else if !row.isNewOwners || moving[key] == nil {
          use.beyondOwner = []
        }
        return use
      }
      found.append(rights)
    }
    return found
  }

  /// Adds who else may use the objects.
  private func withUsers(_ objects: [OwnerRights]) async throws -> [OwnerRights] {
    guard !objects.isEmpty else { return [] }
    func oids(_ catalog: OwnedCatalog) -> String {
      oidArrayLiteral(Set(objects.lazy.map(\.object).filter { $0.catalog == catalog }.map(\.oid)))
    }
    let rows = try await session.query(
      """
      SELECT DISTINCT u.routine, u.oid, g.rolname, u.grantee = 0 FROM (
        SELECT false AS routine, c.oid, a.grantee FROM pg_class c, aclexplode(c.relacl) a
        WHERE c.oid = ANY($1::oid[]) AND a.grantee <> c.relowner
        UNION SELECT false, c.oid, a.grantee FROM pg_class c
        CROSS JOIN LATERAL (SELECT attacl FROM pg_attribute WHERE attrelid = c.oid AND attacl IS NOT NULL OFFSET 0) t
        CROSS JOIN LATERAL aclexplode(t.attacl) a WHERE c.oid = ANY($1::oid[]) AND a.grantee <> c.relowner
        UNION SELECT true, p.oid, a.grantee FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
        WHERE p.oid = ANY($2::oid[]) AND a.grantee <> p.proowner) u
      LEFT JOIN pg_roles g ON g.oid = u.grantee ORDER BY 1, 2, 4 DESC, 3
      """, [oids(.relation), oids(.routine)])
    var users: [ObjectKey: [String?]] = [:]
    for row in 0..<rows.count {
      let key = ObjectKey(
        catalog: rows.flag(row, 0) ? .routine : .relation, oid: UInt32(rows.text(row, 1)) ?? 0)
      users[key, default: []].append(rows.flag(row, 3) ? nil : rows[row, 2])
    }
    return objects.map { object in
      var object = object
      object.users = users[ObjectKey(object.object)] ?? []
      return object
    }
  }

  private func readReach(into snapshot: inout CatalogSnapshot, _ moves: JournaledMoves) async throws {
    let inspector = ReachInspector(
      session: session, newOwner: snapshot.newOwner.name, rdsIAM: request.rdsIAMRole, server: snapshot.server,
      moves: moves)
    let holdings = try await inspector.holdings()
    let reach = OwnerReach(snapshot, holdings: holdings)
    let named = OwnerReach.named(snapshot, request)
    snapshot.ownersInReach = try await inspector.sufficient(reach, interim: snapshot.interimMembers).union(
      named)
    snapshot.formerOwnersInReach = try await inspector.sufficient(
      reach.additions(to: holdings, snapshot.takenRights), interim: snapshot.interimMembers
    ).union(named)
  }

  /// What stays must go on working, and the new owner must be able to use it: reads the privileges that lack.
  private func readAccess(into snapshot: inout CatalogSnapshot) async throws {
    let staying = snapshot.staying(request)
    guard !staying.isEmpty else { return }
    let access = AccessInspector(session: session, request: request)
    let schemas = snapshot.schemas.map(\.identifier.name)
    let tables = staying.values.filter { $0.object.kind == .table }.map(\.object.oid)
    let followers = try await access.followers(of: tables)
    func stays(_ object: ObjectFacts) -> Bool {
      staying[ObjectKey(object)] != nil || object.catalog == .relation && followers.contains(object.oid)
    }
    var missing = try await access.missing(for: snapshot.newOwner.name, schemas: schemas).filter {
      stays($0.object)
    }
    for (owner, rights) in Dictionary(grouping: staying.values, by: \.object.owner).sorted(by: {
      $0.key < $1.key
    }) {
      let hasCode = rights.contains { $0.means != .query }
      let used = Set(rights.lazy.flatMap(\.uses).map { ObjectKey(catalog: .relation, oid: $0.oid) })
      missing += try await access.missing(for: owner, schemas: schemas).filter {
        $0.object.owner == owner && !stays($0.object) && (hasCode || used.contains(ObjectKey($0.object)))
      }
    }
    let known = Set(snapshot.missingAccess.map { Missing(role: $0.role, object: ObjectKey($0.object)) })
    snapshot.missingAccess += missing.filter {
      !known.contains(Missing(role: $0.role, object: ObjectKey($0.object)))
    }
  }

  private struct Missing: Hashable {
    var role: String
    var object: ObjectKey
  }
}
