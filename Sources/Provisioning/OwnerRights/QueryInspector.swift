internal import Postgres

/// Reads what views and rules of other owners use with their owners' privileges.
struct QueryInspector {
  let session: Session
  let schemas: [String]
  let newOwner: String
  /// What earlier runs made the new owner's, and whose it was: as such it is judged.
  let taken: [ObjectKey: String]

  /// A view or a table with rules, and one relation that its queries use.
  struct Row {
    var oid: UInt32
    var use: OwnerRights.Use
    var schema: String
    /// The new owner owns it already or has privileges of its own there.
    var isNewOwners: Bool
  }

  /// Every pair of a view or rule in the schemas and a relation that it uses.
  ///
  /// A SELECT rule of a view with security_invoker acts for its caller; its other rules still act for its owner.
  func uses() async throws -> [Row] {
    let taken = self.taken.filter { $0.key.catalog == .relation }.sorted { $0.key.oid < $1.key.oid }
    let rows = try await session.query(
      Self.select,
      [
        arrayLiteral(schemas), newOwner, oidArrayLiteral(taken.map(\.key.oid)),
        arrayLiteral(taken.map(\.value)),
      ])
    return rows.map { row in
      func words(_ column: Int) -> [String] { rows.text(row, column).split(separator: ",").map(String.init) }
      return Row(
        oid: UInt32(rows.text(row, 0)) ?? 0,
        use: OwnerRights.Use(
          oid: UInt32(rows.text(row, 1)) ?? 0,
          relation: "\(Identifier.display(rows.text(row, 2))).\(Identifier.display(rows.text(row, 3)))",
          relationOwner: rows.text(row, 4), beyondOwner: words(5), beyondNewOwner: words(6)),
        schema: rows.text(row, 2), isNewOwners: rows.flag(row, 7))
    }
  }

  /// `relowner` and `former` are who owned a relation before any run; a role that is gone has what PUBLIC has.
  ///
  /// `used` has a row for each column or whole relation that a rule names; what a rule that is not a view's SELECT
  /// does there the catalog does not tell, so it counts as all four commands.
  ///
  /// `pg_relation_is_updatable`: 4 UPDATE, 8 INSERT, 16 DELETE, where the view passes them on by itself. It locks the view,
  /// so it is asked only where somebody may write to it.
  private static let select = """
    WITH taken AS MATERIALIZED (
      SELECT t.oid, coalesce(r.oid, 0::oid) AS former, coalesce(r.rolbypassrls OR r.rolsuper, false) AS above_rows
      FROM unnest($3::oid[], $4::name[]) t(oid, owner) LEFT JOIN pg_roles r ON r.rolname = t.owner),
    acting AS MATERIALIZED (
      SELECT c.oid, coalesce(t.former, c.relowner) AS relowner, c.relowner AS owner, c.relacl, c.relkind,
        coalesce(t.above_rows, o.rolbypassrls OR o.rolsuper) AS above_rows,
        EXISTS (SELECT FROM pg_options_to_table(c.reloptions)
          WHERE option_name = 'security_invoker' AND option_value::boolean) AS invoker
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = c.relowner
      LEFT JOIN taken t ON t.oid = c.oid AND o.rolname = $2::name
      WHERE c.relhasrules AND CASE WHEN o.rolname <> $2::name THEN n.nspname = ANY($1::name[]) ELSE t.oid IS NOT NULL END),
    granted AS MATERIALIZED (
      SELECT a.oid, e.privilege_type FROM acting a, aclexplode(a.relacl) e WHERE e.grantee <> a.owner
      UNION SELECT a.oid, e.privilege_type FROM acting a
      CROSS JOIN LATERAL (SELECT attacl FROM pg_attribute WHERE attrelid = a.oid AND attacl IS NOT NULL OFFSET 0) t
      CROSS JOIN LATERAL aclexplode(t.attacl) e WHERE e.grantee <> a.owner),
    writable AS MATERIALIZED (
      SELECT a.oid, pg_relation_is_updatable(a.oid, false) AS commands FROM acting a WHERE a.relkind = 'v'
        AND a.oid IN (SELECT g.oid FROM granted g WHERE g.privilege_type IN ('INSERT', 'UPDATE', 'DELETE'))),
    used AS MATERIALIZED (
      SELECT a.oid, a.relowner, a.above_rows, t.oid AS relation, t.relname, t.relnamespace, t.relowner AS owner,
        coalesce(f.former, t.relowner) AS former, t.relacl,
        t.relrowsecurity AND NOT t.relforcerowsecurity AS has_rows, d.refobjsubid, w.ev_type = '1' AS selects
      FROM acting a JOIN pg_rewrite w ON w.ev_class = a.oid AND NOT (a.invoker AND w.ev_type = '1')
      JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
        AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> a.oid
      JOIN pg_class t ON t.oid = d.refobjid AND t.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      LEFT JOIN taken f ON f.oid = t.oid AND pg_get_userbyid(t.relowner) = $2::name
      WHERE t.relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)),
    needed AS (
      SELECT u.*, 'SELECT' AS privilege, CASE WHEN refobjsubid > 0
          THEN has_column_privilege(relowner, relation, refobjsubid::int2, 'SELECT')
          ELSE has_any_column_privilege(relowner, relation, 'SELECT') END AS had
      FROM used u WHERE selects
      UNION ALL SELECT u.*, p, has_table_privilege(relowner, relation, p)
      FROM used u, unnest('{SELECT,INSERT,UPDATE,DELETE}'::text[]) p WHERE NOT selects
      UNION ALL SELECT u.*, g.privilege_type, has_table_privilege(relowner, relation, g.privilege_type)
      FROM used u JOIN writable v ON v.oid = u.oid JOIN granted g ON g.oid = u.oid
      WHERE selects AND v.commands & CASE g.privilege_type WHEN 'UPDATE' THEN 4 WHEN 'INSERT' THEN 8 WHEN 'DELETE' THEN 16
        ELSE 0 END <> 0
      UNION ALL SELECT u.*, 'every row', false FROM used u WHERE has_rows AND NOT above_rows),
    judged AS (SELECT *, had OR pg_has_role(relowner, former, 'USAGE') AS has FROM needed)
    SELECT u.oid, u.relation, n.nspname, u.relname, pg_get_userbyid(u.owner),
      string_agg(DISTINCT privilege, ',') FILTER (WHERE NOT has),
      string_agg(DISTINCT privilege, ',') FILTER (WHERE has AND privilege <> 'every row' AND NOT f.may),
      bool_or(f.may OR u.owner = f.oid)
    FROM judged u JOIN pg_namespace n ON n.oid = u.relnamespace
    CROSS JOIN LATERAL (
      SELECT r.oid, CASE WHEN privilege = 'every row' THEN false
        ELSE coalesce(CASE WHEN privilege = 'SELECT' THEN has_any_column_privilege(r.oid, u.relation, privilege)
            ELSE has_table_privilege(r.oid, u.relation, privilege) END,
          EXISTS (SELECT FROM aclexplode(u.relacl) e WHERE e.grantee = 0 AND e.privilege_type = privilege)) END AS may
      FROM (SELECT 1) one LEFT JOIN pg_roles r ON r.rolname = $2::name) f
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2
    """
}
