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
    /// Nil: functions of its own.
    var source: OwnerRights.Source?
  }

  /// Functions of the system and of extensions are an administrator's.
  static let own = """
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
        means: means, runsByItself: rows.flag(row, 2),
        source: rows[row, 5].map { owner in
          OwnerRights.Source(
            object: ObjectKey(
              catalog: OwnedCatalog(rawValue: rows.text(row, 3)) ?? .relation,
              oid: UInt32(rows.text(row, 4)) ?? 0),
            owner: owner)
        })
    }
  }

  private func taken(_ catalog: OwnedCatalog) -> String {
    oidArrayLiteral(taken.lazy.filter { $0.catalog == catalog }.map(\.oid))
  }

  private static let select = """
    \(chosen(where: "true"))
    SELECT p.oid, 'security-definer', p.prorettype = 'trigger'::regtype, NULL, NULL, NULL
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.prosecdef AND \(own) AND CASE WHEN pg_get_userbyid(p.proowner) <> $2::name
      THEN n.nspname = ANY($1::name[]) ELSE p.oid = ANY($4::oid[]) END
    UNION ALL
    SELECT DISTINCT c.oid, x.means, true, x.catalog, CASE WHEN x.owner IS NOT NULL THEN x.object END, x.owner
    FROM chosen x JOIN pg_class c ON c.oid = x.relation JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE CASE WHEN pg_get_userbyid(c.relowner) <> $2::name
      THEN n.nspname = ANY($1::name[]) ELSE c.oid = ANY($3::oid[]) END
    ORDER BY 2, 1
    """

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
        JOIN pg_depend d ON d.classid = x.catalog AND d.objid = x.part
          AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass) AND d.refobjid >= 16384 \(Self.called))
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
