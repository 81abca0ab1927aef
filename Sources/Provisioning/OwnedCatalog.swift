internal import Postgres

/// A system catalog whose rows have owners, and how its objects are read and named.
///
/// https://www.postgresql.org/docs/current/catalogs.html
public enum OwnedCatalog: String, Sendable, Codable, CaseIterable {
  case namespace = "pg_namespace"
  /// Before what needs CREATE on it.
  case database = "pg_database"
  case relation = "pg_class"
  case routine = "pg_proc"
  case type = "pg_type"
  case collation = "pg_collation"
  case conversion = "pg_conversion"
  case `operator` = "pg_operator"
  case operatorClass = "pg_opclass"
  case operatorFamily = "pg_opfamily"
  case textSearchConfiguration = "pg_ts_config"
  case textSearchDictionary = "pg_ts_dict"
  case statistics = "pg_statistic_ext"
  case largeObject = "pg_largeobject"
  case publication = "pg_publication"
  case foreignServer = "pg_foreign_server"

  /// Which rows a query is about.
  enum Rows {
    /// In these schemas, where the catalog has schemas; owner other than the new one. Both are SQL: an array and a
    /// name, as literals, so that the queries of all catalogs fit one message.
    case toMove(schemas: String, newOwner: String)
    /// These objects.
    case oids([UInt32])
    /// Everything of these roles in this database but what is temporary.
    case owned(by: [UInt32])
  }

  /// An operator's name and a large object's number are written bare.
  var quotesName: Bool { self != .operator && self != .largeObject }

  /// The catalog in `FROM`, where it is not the one dependencies name.
  var table: String { self == .largeObject ? "pg_largeobject_metadata" : rawValue }

  var hasSchema: Bool { schemaColumn != nil }

  private var prefix: String {
    switch self {
    case .namespace: "nsp"
    case .relation: "rel"
    case .routine: "pro"
    case .type: "typ"
    case .collation: "coll"
    case .conversion: "con"
    case .operator: "opr"
    case .operatorClass: "opc"
    case .operatorFamily: "opf"
    case .textSearchConfiguration: "cfg"
    case .textSearchDictionary: "dict"
    case .statistics: "stx"
    case .largeObject: "lom"
    case .publication: "pub"
    case .foreignServer: "srv"
    case .database: "dat"
    }
  }

  var ownerColumn: String { self == .database ? "datdba" : "\(prefix)owner" }

  private var schemaColumn: String? {
    switch self {
    case .namespace, .largeObject, .publication, .foreignServer, .database: nil
    default: "\(prefix)namespace"
    }
  }

  private var nameExpression: String {
    switch self {
    case .largeObject: "o.oid::text"
    default: "o.\(prefix)name"
    }
  }

  /// The column of access privileges, if objects of this catalog have any.
  var aclColumn: String? {
    switch self {
    case .namespace, .relation, .routine, .type, .largeObject, .foreignServer, .database: "\(prefix)acl"
    default: nil
    }
  }

  private var kindExpression: String {
    switch self {
    case .relation:
      """
      CASE o.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized-view'
        WHEN 'f' THEN 'foreign-table' WHEN 'S' THEN 'sequence' ELSE 'table' END
      """
    case .routine: "CASE o.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END"
    case .type: "CASE o.typtype WHEN 'd' THEN 'domain' ELSE 'type' END"
    case .namespace: "'schema'"
    case .collation: "'collation'"
    case .conversion: "'conversion'"
    case .operator: "'operator'"
    case .operatorClass: "'operator-class'"
    case .operatorFamily: "'operator-family'"
    case .textSearchConfiguration: "'text-search-configuration'"
    case .textSearchDictionary: "'text-search-dictionary'"
    case .statistics: "'statistics'"
    case .largeObject: "'large-object'"
    case .publication: "'publication'"
    case .foreignServer: "'foreign-server'"
    case .database: "'database'"
    }
  }

  private var suffixExpression: String {
    switch self {
    case .routine:
      // count(*)-like aggregates take a star; everything else its identity arguments.
      """
      '(' || CASE WHEN o.prokind = 'a' AND o.pronargs = 0 THEN '*'
        ELSE pg_get_function_identity_arguments(o.oid) END || ')'
      """
    case .operator:
      """
      ' (' || CASE WHEN o.oprleft = 0 THEN 'NONE' ELSE format_type(o.oprleft, NULL) END || ', '
        || CASE WHEN o.oprright = 0 THEN 'NONE' ELSE format_type(o.oprright, NULL) END || ')'
      """
    case .operatorClass: "' USING ' || (SELECT quote_ident(amname) FROM pg_am a WHERE a.oid = o.opcmethod)"
    case .operatorFamily: "' USING ' || (SELECT quote_ident(amname) FROM pg_am a WHERE a.oid = o.opfmethod)"
    default: "''"
    }
  }

  /// A table's own lock, one for each index, two for TOAST and its index, one for each sequence it owns.
  private var locksExpression: String {
    self == .relation
      ? "1 + coalesce(i.indexes, 0) + CASE WHEN o.reltoastrelid = 0 THEN 0 ELSE 2 END + coalesce(s.sequences, 0)"
      : "1"
  }

  /// What the query of relations asks of `pg_depend` three times, read once: it is the largest catalog but one. Members of
  /// extensions (`e`), and sequences with the tables that they belong to.
  private var parts: String {
    guard self == .relation else { return "" }
    return """
      WITH parts AS MATERIALIZED (
        SELECT d.objid, d.refobjid, d.deptype FROM pg_depend d
        LEFT JOIN pg_class q ON q.oid = d.objid AND q.relkind = 'S' WHERE d.classid = 'pg_class'::regclass
          AND (d.deptype = 'e' OR (d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND q.oid IS NOT NULL)))
      """
  }

  private var joins: String {
    guard self == .relation else {
      return
        "LEFT JOIN pg_depend e ON e.classid = '\(rawValue)'::regclass AND e.objid = o.oid AND e.deptype = 'e'"
    }
    return """
      LEFT JOIN (SELECT indrelid, count(*) AS indexes FROM pg_index GROUP BY indrelid) i ON i.indrelid = o.oid
      LEFT JOIN (
        SELECT refobjid, count(*) AS sequences FROM parts WHERE deptype <> 'e' GROUP BY refobjid) s ON s.refobjid = o.oid
      LEFT JOIN parts e ON e.objid = o.oid AND e.deptype = 'e'
      LEFT JOIN (SELECT DISTINCT objid FROM parts WHERE deptype <> 'e') f ON f.objid = o.oid
      """
  }

  /// What is left out because it follows something else.
  private var own: String {
    switch self {
    case .relation:
      """
      o.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND NOT (o.relkind = 'S' AND f.objid IS NOT NULL)
      """
    case .type:
      """
      o.typtype IN ('b', 'c', 'd', 'e', 'r')
        AND (o.typrelid = 0 OR EXISTS (SELECT FROM pg_class c WHERE c.oid = o.typrelid AND c.relkind = 'c'))
        AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = o.oid)
      """
    case .routine:
      // A range type's constructors belong to the bootstrap superuser whoever owns the type.
      """
      NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = o.oid
        AND d.deptype = 'i')
      """
    case .database: "o.datname = current_database()"
    default: "true"
    }
  }

  private func filter(_ rows: Rows) -> String {
    switch rows {
    case .oids(let oids): return "o.oid = ANY('\(oidArrayLiteral(oids.sorted()))'::oid[])"
    case .owned(let roles):
      let temporary = hasSchema ? "AND n.nspname !~ '^pg_(toast_)?temp_'" : ""
      return "\(own) AND o.\(ownerColumn) = ANY('\(oidArrayLiteral(roles.sorted()))'::oid[]) \(temporary)"
    case .toMove(let schemas, let newOwner):
      let schema =
        switch self {
        case .namespace: "o.nspname = ANY(\(schemas)::name[])"
        default: hasSchema ? "n.nspname = ANY(\(schemas)::name[])" : "true"
        }
      return """
        \(own) AND \(schema) AND o.\(ownerColumn) IS DISTINCT FROM (
          SELECT r.oid FROM pg_roles r WHERE r.rolname = \(newOwner)::name)
        """
    }
  }

  /// `kind, oid, schema, name, suffix, owner, locks, in extension`, in OID order.
  func select(_ rows: Rows) -> String {
    let schemaJoin = schemaColumn.map { "JOIN pg_namespace n ON n.oid = o.\($0)" } ?? ""
    return """
      \(parts)
      SELECT \(kindExpression), o.oid, \(hasSchema ? "n.nspname" : "NULL"), \(nameExpression),
        \(suffixExpression), pg_get_userbyid(o.\(ownerColumn)), \(locksExpression), e.objid IS NOT NULL
      FROM \(table) o \(schemaJoin)
      \(joins)
      WHERE \(filter(rows))
      ORDER BY o.oid
      """
  }

  /// `oid, owner, access privileges, schema, name, checksum of its definition` of these objects: an array in SQL.
  func state(_ oids: String) -> String {
    let schemaJoin = schemaColumn.map { "LEFT JOIN pg_namespace n ON n.oid = o.\($0)" } ?? ""
    return """
      SELECT o.oid, pg_get_userbyid(o.\(ownerColumn)), \(aclColumn.map { "o.\($0)::text" } ?? "NULL"),
        \(hasSchema ? "n.nspname" : "NULL"), \(nameExpression), \(definition)
      FROM \(table) o \(schemaJoin) WHERE o.oid = ANY(\(oids))
      """
  }

  /// A condition that holds when each of these objects has this name; all three are arrays in SQL, an empty schema is
  /// none.
  func areNamed(_ oids: String, schemas: String, names: String, count: Int) -> String {
    let schemaJoin = schemaColumn.map { "LEFT JOIN pg_namespace n ON n.oid = o.\($0)" } ?? ""
    return """
      (SELECT count(*) FROM unnest(\(oids), \(schemas)::name[], \(names)::name[]) w(oid, schema, name)
        JOIN \(table) o ON o.oid = w.oid \(schemaJoin)
        WHERE \(nameExpression) = w.name AND \(hasSchema ? "n.nspname" : "''") = w.schema) = \(count)
      """
  }

  /// `schema, name` of those that something bears; both are arrays in SQL, an empty schema is none.
  func taken(schemas: String, names: String) -> String {
    let schemaJoin = schemaColumn.map { "LEFT JOIN pg_namespace n ON n.oid = o.\($0)" } ?? ""
    return """
      SELECT DISTINCT w.schema, w.name FROM unnest(\(schemas)::name[], \(names)::name[]) w(schema, name)
      JOIN \(table) o ON \(nameExpression) = w.name \(schemaJoin) WHERE \(hasSchema ? "n.nspname" : "''") = w.schema
      """
  }

  /// A condition that holds when a role, a literal in SQL, owns this many of these objects.
  func areOwned(_ oids: String, by role: String, count: Int) -> String {
    """
    (SELECT count(*) FROM \(table) o WHERE o.oid = ANY(\(oids))
      AND o.\(ownerColumn) = (SELECT r.oid FROM pg_roles r WHERE r.rolname = \(role)::name)) = \(count)
    """
  }
}
