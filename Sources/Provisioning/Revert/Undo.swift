internal import Postgres

/// Turns journaled changes into the changes that undo them, leaving alone what somebody has changed since.
struct Undo {
  let session: Session
  let server: ServerFacts

  private struct Key: Hashable {
    var catalog: OwnedCatalog
    var oid: UInt32
  }

  /// An object's way back: through several applies to where the first one found it.
  private struct WayBack {
    var expected: String?
    var target: String?
    var access: FormerAccess?
    var grantedTo: Set<String> = []
  }

  func build(_ changes: [JournaledChange], _ plan: inout Plan) async throws {
    let roles = try await RoleInspector(session: session).roles(readPasswords: false)
    let undoRoles = UndoRoles(
      session: session, server: server, roles: roles,
      memberships: try await MembershipRow.all(explicitOptions: server.hasMembershipOptions, session))
    undoRoles.memberships(changes.filter { $0.role == plan.request.rdsIAMRole }, step: .rdsIAM, &plan)
    try await undoDefaults(changes, &plan)
    try await undoOwners(changes, roles, &plan)
    try await undoRoles.settings(changes, &plan)
    undoRoles.memberships(changes.filter { $0.role != plan.request.rdsIAMRole }, step: .ownerRole, &plan)
    undoRoles.creations(changes, &plan)
  }

  private func undoDefaults(_ changes: [JournaledChange], _ plan: inout Plan) async throws {
    let access = AccessInspector(session: session, request: plan.request)
    let existing = Set(try await access.defaultPrivileges())
    for change in changes where change.undo == .defaultPrivilege {
      guard let journaled = change.privilege else { continue }
      let found = existing.first {
        $0.owner == journaled.owner && $0.schema?.name == journaled.schema && $0.objects == journaled.objects
          && $0.privilege == journaled.privilege && $0.grantee?.name == journaled.grantee
          && $0.revoked == (journaled.revoked ?? false)
      }
      guard let found else { continue }
      plan.changes.append(
        Change(
          step: .defaultPrivileges, sign: .remove, kind: "default", object: change.object,
          to: journaled.grantee,
          action: found.inverse(owner: try await session.identifier(journaled.owner)),
          database: server.database))
    }
  }

  private func undoOwners(
    _ changes: [JournaledChange], _ roles: [String: RoleFacts], _ plan: inout Plan
  ) async throws {
    var ways: [Key: WayBack] = [:]
    let granted = Set(changes.filter { $0.undo == .access }.compactMap(\.to))
    for change in changes where change.undo == .owner || change.undo == .access {
      guard let catalog = change.catalog, let oid = change.oid else { continue }
      var way = ways[Key(catalog: catalog, oid: oid)] ?? WayBack()
      if change.undo == .access {
        if let role = change.to { way.grantedTo.insert(role) }
      } else if way.target == nil || way.target == change.to {
        way.expected = way.expected ?? change.to
        way.target = change.from
      } else {
        continue  // somebody moved it between two applies: the way back ends here
      }
      way.access = change.access ?? FormerAccess()
      ways[Key(catalog: catalog, oid: oid)] = way
    }
    var found: [OwnedCatalog: [Change]] = [:]
    for (catalog, keys) in Dictionary(grouping: ways.keys, by: \.catalog) {
      for object in try await objects(catalog, keys.map(\.oid)) {
        guard let way = ways[Key(catalog: catalog, oid: object.oid)] else { continue }
        if let change = change(object, way, granted, roles, &plan) {
          found[catalog, default: []].append(change)
        }
      }
    }
    // Objects in OID order; their schemas last, whose CREATE the owners may need until then.
    for catalog in OwnedCatalog.allCases where catalog != .namespace { plan.changes += found[catalog] ?? [] }
    plan.changes += found[.namespace] ?? []
  }

  /// The objects as they are now, sequences that follow a table included.
  private func objects(_ catalog: OwnedCatalog, _ oids: [UInt32]) async throws -> [ObjectFacts] {
    guard let rows = try await session.execute(catalog.select(.oids(oids))).first else { return [] }
    return try await ObjectReader(session: session).objects(in: catalog, rows).objects
  }

  private func change(
    _ object: ObjectFacts, _ way: WayBack, _ granted: Set<String>, _ roles: [String: RoleFacts],
    _ plan: inout Plan
  ) -> Change? {
    guard let target = way.target, let expected = way.expected else {
      return restoration(object, way)
    }
    guard object.owner != target else { return way.grantedTo.isEmpty ? nil : restoration(object, way) }
    guard object.owner == expected else {
      plan.notes.append(
        "\(object.kind.rawValue) \(object.display) belongs to \(Identifier.display(object.owner)) by now, not to "
          + "\(Identifier.display(expected)): left alone")
      return nil
    }
    guard let owner = roles[target]?.identifier else {
      plan.notes.append(
        "\(object.kind.rawValue) \(object.display): its former owner \(Identifier.display(target)) no longer exists: left alone"
      )
      return nil
    }
    var change = Change(
      step: .ownership, sign: .change, kind: object.kind.rawValue, object: object.display, from: object.owner,
      to: target, action: .alterOwner(object, to: owner), database: server.database)
    change.formerAccess = way.access
    change.grantedRoles = granted.union([expected])
    return change
  }

  private func restoration(_ object: ObjectFacts, _ way: WayBack) -> Change {
    var change = Change(
      step: .ownership, sign: .remove, kind: "access", object: "\(object.kind.rawValue) \(object.display)",
      to: way.grantedTo.sorted().joined(separator: ", "), action: .restoreAccess(object),
      database: server.database)
    change.formerAccess = way.access
    change.grantedRoles = way.grantedTo
    return change
  }
}

extension CatalogSnapshot.DefaultPrivilege {
  /// What takes back a default that setup has set.
  fileprivate func inverse(owner: Identifier) -> Action {
    guard revoked else { return .revokeByDefault(self, owner: owner) }
    var given = self
    given.revoked = false
    return .grantByDefault(given, owner: owner)
  }
}
