internal import Postgres

/// Turns what setup did to the objects of one database into the changes that undo it, leaving alone what somebody
/// has changed since.
struct Undo {
  let session: Session
  let server: ServerFacts
  let roles: [String: RoleFacts]
  /// What has come with objects that were created since.
  let grants: DefaultGrants

  struct Key: Hashable {
    var catalog: OwnedCatalog
    var oid: UInt32
  }

  /// An object's way back: through several applies to where the first one found it.
  struct Way {
    var expected: PastRole?
    var target: PastRole?
    var access: FormerAccess?
    /// Newest first.
    var changes: [PastChange] = []
  }

  func defaults(_ changes: [PastChange], _ plan: inout Plan) async throws {
    let access = AccessInspector(session: session, request: plan.request)
    let existing = Set(try await access.defaultPrivileges())
    for change in changes where change.undo == .defaultPrivilege {
      guard let journaled = change.journaled.privilege, let owner = change.roles.name(journaled.owner) else {
        continue
      }
      let grantee = journaled.grantee.map(change.roles.role)
      if let grantee, grantee.name == nil { continue }
      let found = existing.filter {
        // With grant option it is somebody else's by now.
        $0.owner == owner && $0.schema?.name == journaled.schema && $0.objects == journaled.objects
          && $0.grantee?.name == grantee?.name && $0.revoked == (journaled.revoked ?? false)
          && (!$0.grantable || journaled.grantable)
          && PrivilegeWords.split(journaled.privilege).contains($0.privilege)
      }
      guard var privilege = found.first else { continue }
      privilege.privilege = PrivilegeWords.joined(found.map(\.privilege).sorted())
      let creator = try await session.identifier(owner)
      plan.changes.append(
        Change(
          step: .defaultPrivileges, sign: .remove, kind: "default",
          object: privilege.display(of: creator, version: server.version), to: grantee?.name ?? "PUBLIC",
          action: privilege.inverse(owner: creator), database: server.database))
    }
  }

  /// Objects that a note names.
  private static let shown = 3

  /// An object that nobody who is known has a claim to.
  struct Orphan {
    var object: ObjectFacts
    /// Nil: it has been created since.
    var back: WayBack?
  }

  /// Where every object of the journal came from.
  static func ways(_ changes: [PastChange]) -> [Key: Way] {
    var ways: [Key: Way] = [:]
    var ended: Set<Key> = []
    for change in changes where change.undo == .owner || change.undo == .access {
      guard let catalog = change.journaled.catalog, let oid = change.journaled.oid else { continue }
      let key = Key(catalog: catalog, oid: oid)
      guard !ended.contains(key) else { continue }
      var way = ways[key] ?? Way()
      if change.undo == .owner {
        guard way.target == nil || way.target == change.to else {
          ended.insert(key)  // somebody moved it between two applies: the way back ends here
          continue
        }
        way.expected = way.expected ?? change.to
        way.target = change.from
      }
      way.access = change.journaled.access ?? FormerAccess()
      way.changes.append(change)
      ways[key] = way
    }
    return ways
  }

  /// - Returns: the objects whose former owner no longer exists.
  func owners(_ ways: [Key: Way], _ plan: inout Plan) async throws -> [Orphan] {
    let followers = try await followers(ways)
    var found: [OwnedCatalog: [Change]] = [:]
    var orphans: [Orphan] = []
    var gone: Set<String> = []
    var moved: [String: [String]] = [:]
    for (catalog, keys) in Dictionary(grouping: ways.keys, by: \.catalog) {
      for object in try await objects(catalog, .oids(keys.map(\.oid))) {
        let key = Key(catalog: catalog, oid: object.oid)
        // What a sequence got comes back with its table.
        guard let way = ways[key], followers.tables[object.oid] == nil || catalog != .relation else {
          continue
        }
        let sequences =
          catalog == .relation
          ? (followers.sequences[object.oid] ?? []).compactMap { sequence in
            ways[Key(catalog: .relation, oid: sequence)].map { (sequence, $0) }
          } : []
        let back = try wayBack(way, sequences, object, &gone)
        guard let change = change(object, way, back, &orphans, &moved) else { continue }
        found[catalog, default: []].append(change)
      }
    }
    for (whose, names) in moved.sorted(by: { $0.key < $1.key }) {
      let more = names.count > Self.shown ? " and \(names.count - Self.shown) more" : ""
      plan.notes.append("\(names.prefix(Self.shown).joined(separator: ", "))\(more) \(whose): left alone")
    }
    for name in gone.sorted() {
      plan.notes.append(
        "role \(Identifier.display(name)) no longer exists: the privileges it had or gave stay gone")
    }
    // Objects in OID order; what they are in later, whose CREATE the owners may need until then.
    for catalog in OwnedCatalog.allCases where catalog != .namespace && catalog != .database {
      plan.changes += found[catalog] ?? []
    }
    plan.changes += (found[.namespace] ?? []) + (found[.database] ?? [])
    return orphans.sorted { $0.object.oid < $1.object.oid }
  }

  /// The objects as they are now.
  func objects(_ catalog: OwnedCatalog, _ rows: OwnedCatalog.Rows) async throws -> [ObjectFacts] {
    // As when it is planned: without fresh statistics nested loops over thousands of objects never end.
    try await session.execute("SET enable_nestloop = off")
    guard let rows = try await session.execute(catalog.select(rows)).first else { return [] }
    try await session.execute("RESET enable_nestloop")
    return try await ObjectReader(session: session).objects(in: catalog, rows).objects
  }

  /// Which of the journal's sequences follow which of its tables.
  private func followers(_ ways: [Key: Way]) async throws -> (
    tables: [UInt32: UInt32], sequences: [UInt32: [UInt32]]
  ) {
    let granted = ways.filter { $0.key.catalog == .relation && $0.value.target == nil }.map(\.key.oid)
    guard !granted.isEmpty else { return ([:], [:]) }
    let rows = try await session.query(
      """
      SELECT d.objid, d.refobjid FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND c.relkind = 'S'
      WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
        AND d.objid = ANY($1::oid[])
      """, [oidArrayLiteral(granted)])
    var tables: [UInt32: UInt32] = [:]
    var sequences: [UInt32: [UInt32]] = [:]
    for row in 0..<rows.count {
      let (sequence, table) = (UInt32(rows.text(row, 0)) ?? 0, UInt32(rows.text(row, 1)) ?? 0)
      guard ways[Key(catalog: .relation, oid: table)]?.target != nil else { continue }
      tables[sequence] = table
      sequences[table, default: []].append(sequence)
    }
    return (tables, sequences)
  }

  private func change(
    _ object: ObjectFacts, _ way: Way, _ back: WayBack, _ orphans: inout [Orphan],
    _ moved: inout [String: [String]]
  ) -> Change? {
    guard let target = way.target, let expected = way.expected else { return restoration(object, back) }
    guard object.owner != target.name else {
      return back.hasGrants ? restoration(object, back) : nil
    }
    guard object.owner == expected.name else {
      let whose =
        "belongs to \(Identifier.display(object.owner)) by now, not to "
        + Identifier.display(expected.name ?? expected.journaled)
      moved[whose, default: []].append("\(object.kind.rawValue) \(object.display)")
      return nil
    }
    guard let owner = target.name.flatMap({ roles[$0]?.identifier }) else {
      orphans.append(Orphan(object: object, back: back))
      return nil
    }
    var change = Change(
      step: .ownership, sign: .change, kind: object.kind.rawValue, object: object.display, from: object.owner,
      to: owner.name, action: .alterOwner(object, to: owner), database: server.database)
    change.wayBack = back
    return change
  }

  func restoration(_ object: ObjectFacts, _ back: WayBack) -> Change {
    var change = Change(
      step: .ownership, sign: .remove, kind: "access", object: "\(object.kind.rawValue) \(object.display)",
      to: back.grantedRoles.sorted().joined(separator: ", "), action: .restoreAccess(object),
      database: server.database)
    change.wayBack = back
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
