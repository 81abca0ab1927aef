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
    let graph = try await RoleInspector(session: session).graph()
    try await undoRDSIAM(changes, roles, graph, &plan)
    try await undoDefaults(changes, &plan)
    try await undoOwners(changes, roles, &plan)
    try await undoRoles(changes, roles, graph, &plan)
  }

  private func undoRDSIAM(
    _ changes: [JournaledChange], _ roles: [String: RoleFacts], _ graph: MembershipGraph, _ plan: inout Plan
  ) async throws {
    for change in changes where change.undo == .revokeRole && change.role == plan.request.rdsIAMRole {
      append(change, .rdsIAM, roles, graph, &plan)
    }
  }

  private func append(
    _ change: JournaledChange, _ step: StepID, _ roles: [String: RoleFacts], _ graph: MembershipGraph,
    _ plan: inout Plan
  ) {
    guard let role = roles[change.role ?? ""]?.identifier,
      let member = roles[change.member ?? ""]?.identifier,
      graph.directMembers(of: role.name).contains(member.name)
    else { return }
    plan.changes.append(
      Change(
        step: step, sign: .remove, kind: "member", object: change.object,
        action: .revokeRole(role: role, member: member)))
  }

  private func undoDefaults(_ changes: [JournaledChange], _ plan: inout Plan) async throws {
    let access = AccessInspector(session: session, request: plan.request)
    let existing = Set(try await access.defaultPrivileges())
    for change in changes where change.undo == .defaultPrivilege {
      guard let journaled = change.privilege else { continue }
      let found = existing.first {
        $0.owner == journaled.owner && $0.schema?.name == journaled.schema && $0.objects == journaled.objects
          && $0.privilege == journaled.privilege && $0.grantee?.name == journaled.grantee
      }
      guard let found else { continue }
      plan.changes.append(
        Change(
          step: .defaultPrivileges, sign: .remove, kind: "default", object: change.object,
          to: journaled.grantee,
          action: .revokeByDefault(found, owner: try await session.identifier(journaled.owner)),
          database: server.database))
    }
  }

  private func undoOwners(
    _ changes: [JournaledChange], _ roles: [String: RoleFacts], _ plan: inout Plan
  ) async throws {
    var ways: [Key: WayBack] = [:]
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
        if let change = try await change(object, way, roles, &plan) {
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
    _ object: ObjectFacts, _ way: WayBack, _ roles: [String: RoleFacts], _ plan: inout Plan
  ) async throws -> Change? {
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
    change.grantedRoles = way.grantedTo.union([expected])
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

  private func undoRoles(
    _ changes: [JournaledChange], _ roles: [String: RoleFacts], _ graph: MembershipGraph, _ plan: inout Plan
  ) async throws {
    for change in changes {
      switch change.undo {
      case .revokeRole where change.role != plan.request.rdsIAMRole:
        append(change, .ownerRole, roles, graph, &plan)
      case .loginRole: try await undoLoginRole(change, roles, &plan)
      case .dropRole:
        guard let role = roles[change.role ?? ""]?.identifier else { continue }
        plan.changes.append(
          Change(step: .ownerRole, sign: .remove, kind: "role", object: role.display, action: .dropRole(role))
        )
      default: continue
      }
    }
  }

  private func undoLoginRole(
    _ change: JournaledChange, _ roles: [String: RoleFacts], _ plan: inout Plan
  ) async throws {
    guard let member = roles[change.member ?? ""]?.identifier else { return }
    let now = try await RoleInspector(session: session).roleSetting(of: member.name, in: change.object)
    guard now == change.to else {
      if now != change.from {
        plan.notes.append("\(member.display) becomes \(now ?? "itself") on login by now: left alone")
      }
      return
    }
    var previous: Identifier?
    if let from = change.from { previous = try await session.identifier(from) }
    plan.changes.append(
      Change(
        step: .ownerRole, sign: .remove, kind: "setting",
        object: "\(member.display) in \(Identifier.display(change.object))",
        from: now.map { "role = \($0)" }, to: change.from.map { "role = \($0)" },
        action: .resetLoginRole(
          member: member, database: try await session.identifier(change.object), to: previous),
        database: server.database))
  }
}
