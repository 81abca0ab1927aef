internal import Postgres

/// Reads the privileges that a change of owner would take away or that the new owner needs.
struct AccessInspector {
  let session: Session
  let request: SetupRequest

  /// PUBLIC or one of the roles has CONNECT on this database.
  func mayConnect(roles: [String]) async throws -> Bool {
    try await session.query(
      """
      SELECT bool_or(a.privilege_type = 'CONNECT')
      FROM pg_database d, aclexplode(coalesce(datacl, acldefault('d', datdba))) a
      WHERE d.datname = current_database()
      AND (a.grantee = 0 OR a.grantee IN (SELECT oid FROM pg_roles WHERE rolname = ANY($1::name[])))
      """, [arrayLiteral(roles)]
    ).flag(0, 0)
  }

  /// Default privileges that apply in the requested schemas or in all.
  func defaultPrivileges() async throws -> [CatalogSnapshot.DefaultPrivilege] {
    // A row of a whole database replaces the built-in default, so what it lacks of that is taken away.
    let rows = try await session.query(
      """
      SELECT pg_get_userbyid(d.defaclrole), n.nspname, \(Self.objectWords), a.privilege_type, g.rolname, a.is_grantable,
        false, d.oid
      FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
      CROSS JOIN LATERAL aclexplode(d.defaclacl) a LEFT JOIN pg_roles g ON g.oid = a.grantee
      WHERE a.grantee <> d.defaclrole
      UNION ALL
      SELECT pg_get_userbyid(d.defaclrole), NULL, \(Self.objectWords), b.privilege_type, NULL, false, true, d.oid
      FROM pg_default_acl d CROSS JOIN LATERAL aclexplode(
        acldefault(CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole)) b
      WHERE d.defaclnamespace = 0 AND b.grantee = 0 AND NOT EXISTS (
        SELECT FROM aclexplode(d.defaclacl) a WHERE a.grantee = 0 AND a.privilege_type = b.privilege_type)
      ORDER BY 8, 4
      """)
    var privileges: [CatalogSnapshot.DefaultPrivilege] = []
    for row in 0..<rows.count where rows.text(row, 2) != "" {
      privileges.append(
        .init(
          owner: rows.text(row, 0), schema: try await identifier(rows[row, 1]),
          objects: try ServerWords.capitals(rows.text(row, 2)),
          privilege: try ServerWords.capitals(rows.text(row, 3)), grantee: try await identifier(rows[row, 4]),
          grantable: rows.flag(row, 5), revoked: rows.flag(row, 6)))
    }
    return privileges
  }

  private func identifier(_ name: String?) async throws -> Identifier? {
    guard let name else { return nil }
    return try await session.identifier(name)
  }

  private static let objectWords = """
    CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
      WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' WHEN 'L' THEN 'LARGE OBJECTS' ELSE '' END
    """

  /// What the roles that keep their access lack once somebody else owns the objects: an entry of their own
  /// (or PUBLIC's) for every privilege. Sequences that follow a table count as objects here.
  func missing(schemas: [String], newOwner: String) async throws -> [CatalogSnapshot.MissingAccess] {
    var missing: [CatalogSnapshot.MissingAccess] = []
    for role in request.keepAccess { missing += try await self.missing(for: role, schemas: schemas) }
    return missing
  }

  /// The same for one role, which need not exist yet.
  func missing(for role: String, schemas: [String]) async throws -> [CatalogSnapshot.MissingAccess] {
    var missing: [CatalogSnapshot.MissingAccess] = []
    for (catalog, select) in Self.queries {
      let rows = try await session.query(select, [arrayLiteral(schemas), role])
      for row in 0..<rows.count {
        guard let kind = ObjectKind(rawValue: rows.text(row, 0)) else { continue }
        missing.append(
          .init(
            object: ObjectFacts(
              kind: kind, catalog: catalog, oid: UInt32(rows.text(row, 1)) ?? 0,
              schema: try await identifier(rows[row, 2]),
              name: try await session.identifier(rows.text(row, 3)),
              suffix: try ServerWords.suffix(rows.text(row, 4), of: Identifier.display(rows.text(row, 3))),
              owner: rows.text(row, 5), locks: 1),
            role: role))
      }
    }
    return missing
  }

  /// Sequences that follow these tables.
  func followers(of tables: [UInt32]) async throws -> Set<UInt32> {
    guard !tables.isEmpty else { return [] }
    let rows = try await session.query(
      """
      SELECT DISTINCT objid FROM pg_depend WHERE classid = 'pg_class'::regclass AND refclassid = 'pg_class'::regclass
        AND deptype IN ('a', 'i') AND refobjid = ANY($1::oid[])
      """, [oidArrayLiteral(tables)])
    return Set(rows.map { UInt32(rows.text($0, 0)) ?? 0 })
  }

  /// Privileges by kind: https://www.postgresql.org/docs/current/ddl-priv.html
  private static let queries: [(OwnedCatalog, String)] = [
    (
      .namespace,
      """
      SELECT 'schema', o.oid, NULL, o.nspname, '', pg_get_userbyid(o.nspowner) FROM pg_namespace o
      WHERE o.nspname = ANY($1::name[]) AND \(lacks("o.nspacl", "'n'", "o.nspowner")) ORDER BY o.oid
      """
    ),
    (
      .relation,
      """
      SELECT CASE o.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized-view' WHEN 'f' THEN 'foreign-table'
          WHEN 'S' THEN 'sequence' ELSE 'table' END,
        o.oid, n.nspname, o.relname, '', pg_get_userbyid(o.relowner)
      FROM pg_class o JOIN pg_namespace n ON n.oid = o.relnamespace
      WHERE n.nspname = ANY($1::name[]) AND o.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      AND \(notInExtension("pg_class")) AND CASE o.relkind WHEN 'S'
        THEN \(lacks("o.relacl", "'s'", "o.relowner")) ELSE \(lacks("o.relacl", "'r'", "o.relowner")) END
      ORDER BY o.oid
      """
    ),
    (
      .routine,
      """
      SELECT CASE o.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
        o.oid, n.nspname, o.proname, '(' || CASE WHEN o.prokind = 'a' AND o.pronargs = 0 THEN '*'
          ELSE pg_get_function_identity_arguments(o.oid) END || ')',
        pg_get_userbyid(o.proowner)
      FROM pg_proc o JOIN pg_namespace n ON n.oid = o.pronamespace
      WHERE n.nspname = ANY($1::name[]) AND \(notInExtension("pg_proc")) AND NOT \(partOfAnother("pg_proc"))
      AND \(lacks("o.proacl", "'f'", "o.proowner")) ORDER BY o.oid
      """
    ),
    (
      .type,
      """
      SELECT CASE o.typtype WHEN 'd' THEN 'domain' ELSE 'type' END, o.oid, n.nspname, o.typname, '',
        pg_get_userbyid(o.typowner)
      FROM pg_type o JOIN pg_namespace n ON n.oid = o.typnamespace
      WHERE n.nspname = ANY($1::name[]) AND o.typtype IN ('b', 'c', 'd', 'e', 'r')
      AND (o.typrelid = 0 OR EXISTS (SELECT FROM pg_class c WHERE c.oid = o.typrelid AND c.relkind = 'c'))
      AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = o.oid) AND \(notInExtension("pg_type"))
      AND \(lacks("o.typacl", "'T'", "o.typowner")) ORDER BY o.oid
      """
    ),
  ]

  /// Of what an owner of this kind has, something comes neither from an entry of the role's own nor from PUBLIC.
  private static func lacks(_ acl: String, _ kind: String, _ owner: String) -> String {
    """
    EXISTS (
      SELECT w.privilege_type FROM aclexplode(acldefault(\(kind), \(owner))) w WHERE w.grantee = \(owner)
      EXCEPT SELECT a.privilege_type FROM aclexplode(coalesce(\(acl), acldefault(\(kind), \(owner)))) a
      WHERE a.grantee <> \(owner) AND a.grantee IN (0, (SELECT oid FROM pg_roles WHERE rolname = $2::name)))
    """
  }

  /// A part of something else, such as a range type's constructors.
  private static func partOfAnother(_ catalog: String) -> String {
    "EXISTS (SELECT FROM pg_depend i WHERE i.classid = '\(catalog)'::regclass AND i.objid = o.oid AND i.deptype = 'i')"
  }

  private static func notInExtension(_ catalog: String) -> String {
    """
    NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '\(catalog)'::regclass AND e.objid = o.oid
      AND e.deptype = 'e')
    """
  }
}
