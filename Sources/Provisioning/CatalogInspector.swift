internal import Postgres

/// Reads a `CatalogSnapshot`. Every statement is a SELECT.
struct CatalogInspector {
  let session: Session
  let request: SetupRequest
  /// Reads the journal's part of what the new owner has.
  let moves: @Sendable () throws -> JournaledMoves
  /// The path of the journal; nil: there is none.
  let journal: String?

  func snapshot() async throws -> CatalogSnapshot {
    let server = try await ServerInspector(session: session).facts()
    let owner = request.newOwner(database: server.database)
    var snapshot = CatalogSnapshot(
      server: server,
      iamUser: try await session.identifier(request.iamUser),
      newOwner: try await session.identifier(owner),
      rdsIAM: try await session.identifier(request.rdsIAMRole),
      operatorRole: try await session.identifier(server.user),
      databaseIdentifier: try await session.identifier(server.database))
    guard server.version >= 120_000, !server.inRecovery else { return snapshot }
    let roles = RoleInspector(session: session)
    snapshot.roles = try await roles.roles(readPasswords: server.canReadPasswords)
    snapshot.graph = try await roles.graph()
    snapshot.iamUserRoleSetting = try await roles.roleSetting(of: request.iamUser, in: server.database)
    snapshot.schemas = try await schemas(newOwner: owner)
    try await readObjects(into: &snapshot)
    let access = AccessInspector(session: session, request: request)
    snapshot.iamUserMayConnect = try await access.mayConnect(roles: [request.iamUser, owner])
    snapshot.publicMayConnect = try await access.mayConnect(roles: [])
    snapshot.actAsNewOwner = try await roles.members(
      of: owner, among: [request.iamUser] + request.keepAccess, options: server.hasMembershipOptions)
    snapshot.defaultPrivileges = try await access.defaultPrivileges()
    let interim = InterimInspector(session: session, request: request, journal: journal, moves: moves)
    snapshot.interim = try await interim.facts(snapshot)
    if request.mode == .direct {
      snapshot.missingAccess = try await access.missing(
        schemas: snapshot.schemas.map(\.identifier.name), newOwner: owner)
    }
    // Functions that look into views and policies lock them.
    try await session.execute(
      "SET enable_nestloop = off; SET lock_timeout = \(max(1, request.lockTimeout.milliseconds))")
    do {
      try await OwnerRightsInspector(session: session, request: request, moves: moves).read(into: &snapshot)
      snapshot.surroundings = try await SurroundingsInspector(session: session, snapshot: snapshot)
        .surroundings()
    } catch let error as PostgresError where error.isLockConflict && !error.connectionLost {
      throw try await LockHolders.problem(error, session)
    }
    try await session.execute("RESET enable_nestloop; RESET lock_timeout")
    return snapshot
  }

  private func schemas(newOwner: String) async throws -> [CatalogSnapshot.Schema] {
    let rows: ResultSet
    let select = """
      SELECT nspname, pg_get_userbyid(nspowner),
        coalesce(has_schema_privilege(r.oid, n.oid, 'CREATE'), p.may_create),
        coalesce(has_schema_privilege(r.oid, n.oid, 'USAGE'), p.may_use), g.grantor
      FROM pg_namespace n LEFT JOIN pg_roles r ON r.rolname = $1::name
      CROSS JOIN LATERAL (
        SELECT bool_or(privilege_type = 'CREATE') AS may_create, bool_or(privilege_type = 'USAGE') AS may_use
        FROM aclexplode(coalesce(nspacl, acldefault('n', nspowner))) WHERE grantee = 0) p
      CROSS JOIN LATERAL (
        SELECT min(pg_get_userbyid(grantee)) AS grantor FROM aclexplode(nspacl)
        WHERE privilege_type = 'CREATE' AND is_grantable AND grantee NOT IN (0, nspowner)) g
      """
    switch request.schemas {
    case .named(let names):
      rows = try await session.query(
        "\(select) WHERE nspname = ANY($2::name[]) ORDER BY n.oid", [newOwner, arrayLiteral(names)])
    case .all:
      rows = try await session.query(
        """
        \(select) WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' AND NOT EXISTS (
          SELECT FROM pg_depend e WHERE e.classid = 'pg_namespace'::regclass AND e.objid = n.oid AND e.deptype = 'e')
        ORDER BY n.oid
        """, [newOwner])
    }
    var schemas: [CatalogSnapshot.Schema] = []
    for row in 0..<rows.count {
      schemas.append(
        .init(
          identifier: try await session.identifier(rows.text(row, 0)), owner: rows.text(row, 1),
          newOwnerMayCreate: rows.flag(row, 2), newOwnerMayUse: rows.flag(row, 3),
          createGrantor: rows[row, 4]))
    }
    return schemas
  }

  private func readObjects(into snapshot: inout CatalogSnapshot) async throws {
    let names = try await session.literal(arrayLiteral(snapshot.schemas.map(\.identifier.name)))
    let newOwner = try await session.literal(snapshot.newOwner.name)
    let rows = OwnedCatalog.Rows.toMove(schemas: names, newOwner: newOwner)
    // One message for all catalogs: most of them have nothing to say, and a round trip each would be most of the time.
    let statements =
      OwnedCatalog.allCases.map { $0.select(rows) } + Self.reportOnly.map { "\($0.sql) <> \(newOwner)::name" }
    // Without fresh statistics the planner takes these catalogs for small, and nested loops over large ones never end.
    try await session.execute("SET enable_nestloop = off")
    let results = try await session.execute(statements.joined(separator: ";\n"))
    try await session.execute("RESET enable_nestloop")
    let reader = ObjectReader(session: session)
    for (catalog, result) in zip(OwnedCatalog.allCases, results) {
      let read = try await reader.objects(in: catalog, result)
      snapshot.extensionObjects += read.inExtensions
      var left: [ObjectKind: Int] = [:]
      for object in read.objects {
        if ObjectKind.onRequest.contains(object.kind), !request.included.contains(object.kind) {
          left[object.kind, default: 0] += 1
        } else {
          snapshot.objects.append(object)
        }
      }
      for (kind, count) in left.sorted(by: { $0.key.rawValue < $1.key.rawValue }) where kind != .database {
        snapshot.reported.append(.init(kind: kind.rawValue, count: count, reason: "", onRequest: true))
      }
    }
    for ((kind, reason, _), result) in zip(Self.reportOnly, results.dropFirst(OwnedCatalog.allCases.count)) {
      let count = result.integer(0, 0)
      if count > 0 {
        snapshot.reported.append(.init(kind: kind, count: count, reason: reason, onRequest: false))
      }
    }
  }

  /// Owned by somebody else than the new owner, and yet not for setup to touch. The statement ends with the owner.
  private static let reportOnly: [(kind: String, reason: String, sql: String)] = [
    (
      "event-trigger", "its owner has to be a superuser",
      "SELECT count(*) FROM pg_event_trigger WHERE pg_get_userbyid(evtowner)"
    ),
    (
      "foreign-data-wrapper", "its owner has to be a superuser",
      """
      SELECT count(*) FROM pg_foreign_data_wrapper f WHERE NOT EXISTS (
        SELECT FROM pg_depend e WHERE e.classid = 'pg_foreign_data_wrapper'::regclass
        AND e.objid = f.oid AND e.deptype = 'e') AND pg_get_userbyid(fdwowner)
      """
    ),
    (
      "language", "languages are the administrator's",
      """
      SELECT count(*) FROM pg_language l WHERE lanispl AND NOT EXISTS (
        SELECT FROM pg_depend e WHERE e.classid = 'pg_language'::regclass AND e.objid = l.oid AND e.deptype = 'e')
        AND pg_get_userbyid(lanowner)
      """
    ),
  ]
}
