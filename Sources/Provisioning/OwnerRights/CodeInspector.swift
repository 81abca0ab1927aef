internal import Postgres

/// Reads which objects run code with their owner's privileges, and whose code runs when a table is used.
struct CodeInspector {
  let session: Session
  let schemas: [String]
  let newOwner: String
  /// What earlier runs made the new owner's.
  let taken: Set<ObjectKey>

  struct Row {
    var object: ObjectKey
    var means: OwnerRights.Means
    var runsByItself: Bool
  }

  /// Functions of the system and of extensions are an administrator's.
  private static let own = """
    p.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid
      AND e.deptype = 'e')
    """

  /// What a dependency calls: a function, or that of an operator.
  private static let called = """
    JOIN pg_proc p ON p.oid = CASE d.refclassid WHEN 'pg_proc'::regclass THEN d.refobjid
      WHEN 'pg_operator'::regclass THEN (SELECT q.oprcode::oid FROM pg_operator q WHERE q.oid = d.refobjid) END
    """

  func rows() async throws -> [Row] {
    let rows = try await session.query(
      Self.select, [arrayLiteral(schemas), newOwner, taken(.relation), taken(.routine)])
    return rows.map { row in
      let means = OwnerRights.Means(rawValue: rows.text(row, 1)) ?? .securityDefiner
      return Row(
        object: ObjectKey(
          catalog: means == .securityDefiner ? .routine : .relation, oid: UInt32(rows.text(row, 0)) ?? 0),
        means: means, runsByItself: rows.flag(row, 2))
    }
  }

  private func taken(_ catalog: OwnedCatalog) -> String {
    oidArrayLiteral(taken.lazy.filter { $0.catalog == catalog }.map(\.oid))
  }

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
      UNION ALL SELECT r.relation, 'foreign-key', 'pg_cast'::regclass, t.oid FROM pg_constraint k
      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey)
      JOIN pg_cast t ON t.castsource = a.atttypid AND t.oid >= 16384
      CROSS JOIN LATERAL (VALUES (k.conrelid), (k.confrelid)) r(relation) WHERE k.contype = 'f')
    """

  private static let select = """
    \(parts)
    SELECT p.oid, 'security-definer', p.prorettype = 'trigger'::regtype
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.prosecdef AND \(own) AND CASE WHEN pg_get_userbyid(p.proowner) <> $2::name
      THEN n.nspname = ANY($1::name[]) ELSE p.oid = ANY($4::oid[]) END
    UNION ALL
    SELECT DISTINCT c.oid, x.means, true
    FROM parts x JOIN pg_class c ON c.oid = x.relation JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_depend d ON d.classid = x.catalog AND d.objid = x.part \(called)
    WHERE \(own) AND CASE WHEN pg_get_userbyid(c.relowner) <> $2::name
      THEN n.nspname = ANY($1::name[]) ELSE c.oid = ANY($3::oid[]) END
    ORDER BY 2, 1
    """

  /// `relation, code`: what of these relations, an array in SQL, calls which functions as their owner.
  static func calls(of oids: String) -> String {
    """
    \(parts)
    SELECT x.relation, string_agg(DISTINCT x.means || p.oid, ' ') AS code
    FROM parts x JOIN pg_depend d ON d.classid = x.catalog AND d.objid = x.part \(called)
    WHERE x.relation = ANY(\(oids)) AND \(own) GROUP BY x.relation
    """
  }

  /// Functions that run, as whoever uses a table or view, without being called by name.
  func attached() async throws -> [CatalogSnapshot.AttachedCode] {
    let rows = try await session.query(
      """
      WITH attached(relation, routine, what) AS (
        SELECT tgrelid, tgfoid, 'trigger' FROM pg_trigger WHERE NOT tgisinternal
        UNION SELECT x.relation, p.oid, x.what FROM (
          SELECT adrelid AS relation, 'pg_attrdef'::regclass AS catalog, oid AS part, 'default' AS what FROM pg_attrdef
          UNION ALL SELECT polrelid, 'pg_policy'::regclass, oid, 'policy' FROM pg_policy
          UNION ALL SELECT conrelid, 'pg_constraint'::regclass, oid, 'constraint' FROM pg_constraint
            WHERE contype = 'c' AND conrelid <> 0
          UNION ALL SELECT w.ev_class, 'pg_rewrite'::regclass, w.oid, 'rule'
            FROM pg_rewrite w JOIN pg_class v ON v.oid = w.ev_class AND v.relkind <> 'm') x
        JOIN pg_depend d ON d.classid = x.catalog AND d.objid = x.part \(Self.called))
      SELECT n.nspname, c.relname, pg_get_userbyid(c.relowner), s.nspname, p.proname, pg_get_userbyid(p.proowner),
        string_agg(DISTINCT what, ', ')
      FROM attached a JOIN pg_class c ON c.oid = a.relation JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_proc p ON p.oid = a.routine JOIN pg_namespace s ON s.oid = p.pronamespace
      WHERE n.nspname = ANY($1::name[]) AND NOT p.prosecdef AND pg_get_userbyid(p.proowner) <> $2::name AND \(Self.own)
      GROUP BY n.nspname, c.relname, c.relowner, s.nspname, p.proname, p.proowner ORDER BY 6, 4, 5, 1, 2
      """, [arrayLiteral(schemas), newOwner])
    return rows.map { row in
      func name(_ column: Int) -> String { Identifier.display(rows.text(row, column)) }
      return .init(
        relation: "\(name(0)).\(name(1))", relationOwner: rows.text(row, 2), routine: "\(name(3)).\(name(4))",
        codeOwner: rows.text(row, 5), attachments: rows.text(row, 6))
    }
  }
}
