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
    let rows = try await session.query(
      """
      SELECT pg_get_userbyid(d.defaclrole), n.nspname,
        CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
          WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE '' END,
        a.privilege_type, g.rolname, a.is_grantable
      FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = d.defaclnamespace
      CROSS JOIN LATERAL aclexplode(d.defaclacl) a LEFT JOIN pg_roles g ON g.oid = a.grantee
      WHERE a.grantee <> d.defaclrole ORDER BY d.oid, 4
      """)
    var privileges: [CatalogSnapshot.DefaultPrivilege] = []
    for row in 0..<rows.count where rows.text(row, 2) != "" {
      privileges.append(
        .init(
          owner: rows.text(row, 0), schema: try await identifier(rows[row, 1]), objects: rows.text(row, 2),
          privilege: rows.text(row, 3), grantee: try await identifier(rows[row, 4]),
          grantable: rows.flag(row, 5)))
    }
    return privileges
  }

  private func identifier(_ name: String?) async throws -> Identifier? {
    guard let name else { return nil }
    return try await session.identifier(name)
  }

  /// What the roles that keep their access lack once somebody else owns the objects: an entry of their own
  /// (or PUBLIC's) for every privilege. Sequences that follow a table count as objects here.
  func missing(schemas: [String], newOwner: String) async throws -> [CatalogSnapshot.MissingAccess] {
    var missing: [CatalogSnapshot.MissingAccess] = []
    for role in request.keepAccess {
      for (catalog, select) in Self.queries {
        let rows = try await session.query(select, [arrayLiteral(schemas), role])
        for row in 0..<rows.count {
          guard let kind = ObjectKind(rawValue: rows.text(row, 0)) else { continue }
          missing.append(
            .init(
              object: ObjectFacts(
                kind: kind, catalog: catalog, oid: UInt32(rows.text(row, 1)) ?? 0,
                schema: try await identifier(rows[row, 2]),
                name: try await session.identifier(rows.text(row, 3)), suffix: rows.text(row, 4),
                owner: rows.text(row, 5), locks: 1),
              role: role))
        }
      }
    }
    return missing
  }

  /// Privileges by kind: https://www.postgresql.org/docs/current/ddl-priv.html
  private static let queries: [(OwnedCatalog, String)] = [
    (
      .namespace,
      """
      SELECT 'schema', o.oid, NULL, o.nspname, '', pg_get_userbyid(o.nspowner) FROM pg_namespace o
      WHERE o.nspname = ANY($1::name[]) AND \(lacks("o.nspacl", "'n'", "o.nspowner", 2)) ORDER BY o.oid
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
        THEN \(lacks("o.relacl", "'s'", "o.relowner", 3)) ELSE \(lacks("o.relacl", "'r'", "o.relowner", 7)) END
      ORDER BY o.oid
      """
    ),
    (
      .routine,
      """
      SELECT CASE o.prokind WHEN 'p' THEN 'procedure' ELSE 'function' END,
        o.oid, n.nspname, o.proname, '(' || pg_get_function_identity_arguments(o.oid) || ')',
        pg_get_userbyid(o.proowner)
      FROM pg_proc o JOIN pg_namespace n ON n.oid = o.pronamespace
      WHERE n.nspname = ANY($1::name[]) AND o.prokind <> 'a' AND \(notInExtension("pg_proc"))
      AND \(lacks("o.proacl", "'f'", "o.proowner", 1)) ORDER BY o.oid
      """
    ),
  ]

  private static func lacks(_ acl: String, _ kind: String, _ owner: String, _ privileges: Int) -> String {
    """
    (SELECT count(DISTINCT a.privilege_type) FROM aclexplode(coalesce(\(acl), acldefault(\(kind), \(owner)))) a
      WHERE a.grantee <> \(owner) AND a.grantee IN (0, (SELECT oid FROM pg_roles WHERE rolname = $2::name))
    ) < \(privileges)
    """
  }

  private static func notInExtension(_ catalog: String) -> String {
    """
    NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '\(catalog)'::regclass AND e.objid = o.oid
      AND e.deptype = 'e')
    """
  }
}
