internal import Postgres

/// Users' functions that run when a table or view is used, maintained or changed: those of its triggers, defaults, checks,
/// generated columns, rules, policies, indexes and statistics, and of its columns' domains.
struct CalledCode: Codable, Sendable {
  /// By catalog: numbers of what calls a function, each followed by that of the function.
  var calls: [String: [UInt32]] = [:]
  /// By number: what a function was, without its name, owner and privileges.
  var routines: [String: String] = [:]

  /// One use of a function by a relation.
  struct Call: Hashable {
    var relation: UInt32
    /// What calls it: a trigger, a default, a constraint.
    var catalog: String
    var part: UInt32
    var routine: UInt32
    var owner: String
    /// For people.
    var display: String
    var digest: String
  }

  private struct Part: Hashable {
    var catalog: String
    var part: UInt32
    var routine: UInt32
  }

  init(_ calls: [Call]) {
    for call in Set(calls.map { Part(catalog: $0.catalog, part: $0.part, routine: $0.routine) }) {
      self.calls[call.catalog, default: []] += [call.part, call.routine]
    }
    for call in calls { routines[String(call.routine)] = call.digest }
  }

  /// Those of the calls that were not there, and those of a function that was moved and was another.
  func new(among calls: [Call], moved: (UInt32) -> Bool) -> [Call] {
    var known: Set<Part> = []
    for (catalog, numbers) in self.calls {
      for place in stride(from: 0, to: numbers.count - 1, by: 2) {
        known.insert(Part(catalog: catalog, part: numbers[place], routine: numbers[place + 1]))
      }
    }
    return calls.filter { call in
      !known.contains(Part(catalog: call.catalog, part: call.part, routine: call.routine))
        || !isUnchanged(call) && moved(call.routine)
    }
  }

  /// The function was called already, and was the same.
  func isUnchanged(_ call: Call) -> Bool { routines[String(call.routine)] == call.digest }

  static func read(_ session: Session) async throws -> [Call] {
    let rows = try await session.query(select)
    return rows.map { row in
      Call(
        relation: UInt32(rows.text(row, 0)) ?? 0, catalog: rows.text(row, 1),
        part: UInt32(rows.text(row, 2)) ?? 0,
        routine: UInt32(rows.text(row, 3)) ?? 0, owner: rows.text(row, 4),
        display:
          "\(Identifier.display(rows.text(row, 5))).\(Identifier.display(rows.text(row, 6)))\(rows.text(row, 7))",
        digest: rows.text(row, 8))
    }
  }

  /// What a call's catalog is where a foreign key's action changes the table, and so makes all that the table calls run as
  /// its owner.
  static let foreignKey = "foreign-key"

  /// Before 15 a generated column, and not its expression, depends on what it calls.
  private static let select = """
    WITH calls(catalog, part, routine) AS MATERIALIZED (
      SELECT classid, objid, refobjid FROM pg_depend WHERE refclassid = 'pg_proc'::regclass AND refobjid >= 16384
      UNION SELECT d.classid, d.objid, o.oprcode FROM pg_depend d JOIN pg_operator o ON o.oid = d.refobjid
      WHERE d.refclassid = 'pg_operator'::regclass AND d.refobjid >= 16384),
    uses(relation, catalog, part, routine) AS (
      SELECT coalesce(t.tgrelid, d.adrelid, k.conrelid, l.polrelid, w.ev_class, s.stxrelid, i.indrelid, r.oid),
        c.catalog, c.part, c.routine
      FROM calls c
      LEFT JOIN pg_trigger t ON c.catalog = 'pg_trigger'::regclass AND t.oid = c.part
      LEFT JOIN pg_attrdef d ON c.catalog = 'pg_attrdef'::regclass AND d.oid = c.part
      LEFT JOIN pg_constraint k ON c.catalog = 'pg_constraint'::regclass AND k.oid = c.part AND k.conrelid <> 0
      LEFT JOIN pg_policy l ON c.catalog = 'pg_policy'::regclass AND l.oid = c.part
      LEFT JOIN pg_rewrite w ON c.catalog = 'pg_rewrite'::regclass AND w.oid = c.part
      LEFT JOIN pg_statistic_ext s ON c.catalog = 'pg_statistic_ext'::regclass AND s.oid = c.part
      LEFT JOIN pg_index i ON c.catalog = 'pg_class'::regclass AND i.indexrelid = c.part
      LEFT JOIN pg_class r ON c.catalog = 'pg_class'::regclass AND r.oid = c.part AND r.relkind <> 'i'
      UNION SELECT u.objid, c.catalog, c.part, c.routine FROM calls c
      JOIN pg_constraint k ON c.catalog = 'pg_constraint'::regclass AND k.oid = c.part AND k.contypid <> 0
      JOIN pg_depend u ON u.refclassid = 'pg_type'::regclass AND u.refobjid = k.contypid AND u.classid = 'pg_class'::regclass)
    SELECT u.relation, coalesce(c.relname, '\(foreignKey)'), u.part, p.oid, pg_get_userbyid(p.proowner), n.nspname, p.proname,
      '(' || pg_get_function_identity_arguments(p.oid) || ')',
      encode(sha256(convert_to((to_jsonb(p) - '{proname,pronamespace,proowner,proacl}'::text[])::text, getdatabaseencoding())),
        'hex')
    FROM (
      SELECT relation, catalog, part, routine FROM uses
      UNION ALL SELECT DISTINCT u.relation, NULL::oid, k.oid, u.routine FROM uses u
      JOIN pg_constraint k ON k.conrelid = u.relation AND k.contype = 'f'
        AND (k.confdeltype IN ('c', 'n', 'd') OR k.confupdtype IN ('c', 'n', 'd'))) u
    LEFT JOIN pg_class c ON c.oid = u.catalog JOIN pg_proc p ON p.oid = u.routine
    JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE u.relation IS NOT NULL AND \(CodeInspector.own) ORDER BY 1, 2, 3, 4
    """
}
