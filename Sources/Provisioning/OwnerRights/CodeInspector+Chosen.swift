internal import Postgres

/// What runs as the owner of a relation, followed through everything that somebody else could still put code into.
extension CodeInspector {
  /// `parts` has what of a relation runs as its owner. An action of a foreign key (`c` CASCADE, `n` SET NULL, `d` SET
  /// DEFAULT) changes its table, and all partitions with it, as the table's owner, whoever changed the other table; row
  /// security does not apply to it. A comparison in a foreign key may call a cast, in both tables.
  private static let parts = """
    WITH RECURSIVE family(relation, member) AS (
      SELECT DISTINCT conrelid, conrelid FROM pg_constraint WHERE contype = 'f' AND conparentid = 0
        AND (confdeltype IN ('c', 'n', 'd') OR confupdtype IN ('c', 'n', 'd'))
      UNION SELECT f.relation, i.inhrelid FROM family f JOIN pg_inherits i ON i.inhparent = f.member
      JOIN pg_class c ON c.oid = f.relation AND c.relkind = 'p'),
    parts(relation, means, catalog, part) AS (
      SELECT w.ev_class, 'refresh', 'pg_rewrite'::regclass, w.oid
      FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class AND c.relkind = 'm'
      UNION ALL SELECT indrelid, 'maintenance', 'pg_class'::regclass, indexrelid FROM pg_index
      WHERE indexprs IS NOT NULL OR indpred IS NOT NULL
      UNION ALL SELECT stxrelid, 'maintenance', 'pg_statistic_ext'::regclass, oid FROM pg_statistic_ext
      UNION ALL SELECT f.relation, 'foreign-key', x.catalog, x.part FROM family f JOIN (
        SELECT tgrelid, 'pg_trigger'::regclass, oid FROM pg_trigger
        UNION ALL SELECT adrelid, 'pg_attrdef'::regclass, oid FROM pg_attrdef
        UNION ALL SELECT conrelid, 'pg_constraint'::regclass, oid FROM pg_constraint WHERE contype = 'c'
        UNION ALL SELECT ev_class, 'pg_rewrite'::regclass, oid FROM pg_rewrite) x(relation, catalog, part)
      ON x.relation = f.member
      UNION ALL SELECT f.relation, 'foreign-key', 'pg_type'::regclass, a.atttypid FROM family f
      CROSS JOIN LATERAL (
        SELECT atttypid FROM pg_attribute WHERE attrelid = f.member AND atttypid >= 16384 OFFSET 0) a
      UNION ALL SELECT r.relation, 'foreign-key', 'pg_cast'::regclass, t.oid FROM pg_constraint k
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey)
      JOIN pg_cast t ON t.castsource = a.atttypid AND t.oid >= 16384
      CROSS JOIN LATERAL (VALUES (k.conrelid), (k.confrelid)) r(relation) WHERE k.contype = 'f')
    """

  /// From what is used to what that uses, objects of users alone: a view's query, policies that its owner is not above,
  /// checks of domains, columns of row types.
  private static let edges = """
    edges(catalog, part, uses, used) AS MATERIALIZED (
      SELECT classid, objid, refclassid, refobjid FROM pg_depend WHERE refobjid >= 16384
        AND (refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_type'::regclass)
          OR refclassid = 'pg_class'::regclass AND classid = 'pg_rewrite'::regclass AND deptype = 'n')
      UNION ALL SELECT 'pg_operator'::regclass, oid, 'pg_proc'::regclass, oprcode FROM pg_operator WHERE oid >= 16384
      UNION ALL SELECT 'pg_class'::regclass, v.oid, 'pg_rewrite'::regclass, w.oid
      FROM pg_rewrite w JOIN pg_class v ON v.oid = w.ev_class AND v.relkind = 'v' AND v.oid >= 16384
      UNION ALL SELECT 'pg_class'::regclass, t.oid, 'pg_policy'::regclass, p.oid
      FROM pg_policy p JOIN pg_class t ON t.oid = p.polrelid AND t.relforcerowsecurity
      UNION ALL SELECT 'pg_type'::regclass, contypid, 'pg_constraint'::regclass, oid FROM pg_constraint WHERE contypid <> 0
      UNION ALL SELECT 'pg_type'::regclass, c.reltype, 'pg_type'::regclass, a.atttypid
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.atttypid >= 16384 WHERE c.reltype <> 0)
    """

  /// CTEs that end with `chosen(relation, means, catalog, object, owner)`: functions, without an owner, that run as the
  /// relation's owner; and views, tables and types whose owner can make others run, by a new query, policy or check.
  ///
  /// - Parameter relations: a condition on `parts`.
  static func chosen(where relations: String) -> String {
    """
    \(parts), \(edges),
    reached(relation, means, catalog, part) AS (
      SELECT relation, means, catalog::oid, part FROM parts WHERE \(relations)
      UNION SELECT r.relation, r.means, e.uses::oid, e.used FROM reached r
      JOIN edges e ON e.catalog::oid = r.catalog AND e.part = r.part),
    chosen(relation, means, catalog, object, owner) AS (
      SELECT r.relation, r.means, 'pg_proc', p.oid, NULL::name FROM reached r
      JOIN pg_proc p ON r.catalog = 'pg_proc'::regclass AND p.oid = r.part WHERE \(own)
      UNION ALL SELECT r.relation, r.means, 'pg_class', c.oid, pg_get_userbyid(c.relowner) FROM reached r
      JOIN pg_class c ON r.catalog = 'pg_class'::regclass AND c.oid = r.part
      WHERE c.relkind IN ('r', 'p', 'v') AND c.oid <> r.relation AND \(isNoExtensions("pg_class", "c.oid"))
      UNION ALL SELECT r.relation, r.means, 'pg_type', t.oid, pg_get_userbyid(t.typowner) FROM reached r
      JOIN pg_type t ON r.catalog = 'pg_type'::regclass AND t.oid = r.part
      WHERE t.typtype IN ('c', 'd') AND \(isNoExtensions("pg_type", "t.oid")))
    """
  }

  private static func isNoExtensions(_ catalog: String, _ oid: String) -> String {
    """
    NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = '\(catalog)'::regclass AND e.objid = \(oid)
      AND e.deptype = 'e')
    """
  }

  /// `relation, code`: what of these relations, an array in SQL, leads to which code.
  static func calls(of oids: String) -> String {
    """
    \(chosen(where: "relation = ANY(\(oids))"))
    SELECT relation, string_agg(DISTINCT concat_ws(' ', means, catalog, object), ' ') AS code FROM chosen GROUP BY relation
    """
  }
}
