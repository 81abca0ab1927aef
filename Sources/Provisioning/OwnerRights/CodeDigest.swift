internal import AccessModel
internal import Postgres

/// What a plan has read of an object that acts with its owner's privileges, or could be made to before it moves.
public struct CodeDigest: Sendable {
  /// A SHA-256 of everything that decides how it acts and, if it acts when it is used, who may use it.
  public var digest: String
  /// Roles that may use it without that being a change.
  public var apart: [String]
}

extension CodeDigest {
  /// `oid, digest` of relations or routines: an array each of their numbers and of whose they were, in SQL.
  static func select(_ catalog: OwnedCatalog, _ oids: String, owners: String, apart: String) -> String {
    catalog == .routine ? routines(oids, owners, apart) : relations(oids, owners, apart)
  }

  /// A condition that holds when each of these objects is what the plan has read.
  static func areUnchanged(
    _ catalog: OwnedCatalog, _ objects: [ObjectFacts], _ form: SQLText.Form = .shown
  ) -> String {
    let select = select(catalog, objects, form)
    let digests = SQLText.literal(arrayLiteral(objects.map { $0.code?.digest ?? "" }), form)
    let oids = "'\(oidArrayLiteral(objects.map(\.oid)))'::oid[]"
    return """
      (SELECT count(*) FROM unnest(\(oids), \(digests)::text[]) w(oid, digest)
        JOIN (\(select)) f(oid, digest) ON f.oid = w.oid AND f.digest = w.digest) = \(objects.count)
      """
  }

  /// Those of the objects that are not what the plan has read.
  static func changed(_ objects: [ObjectFacts], _ session: Session) async throws -> Set<ObjectKey> {
    var changed: Set<ObjectKey> = []
    for (catalog, members) in Dictionary(grouping: objects.filter { $0.code != nil }, by: \.catalog) {
      let now = try await read(catalog, members, session)
      changed.formUnion(members.lazy.filter { $0.code?.digest != now[$0.oid] }.map { ObjectKey($0) })
    }
    return changed
  }

  static func read(_ catalog: OwnedCatalog, _ objects: [ObjectFacts], _ session: Session) async throws
    -> [UInt32: String]
  {
    var digests: [UInt32: String] = [:]
    for rows in try await session.execute(select(catalog, objects, .shown)) {
      for row in 0..<rows.count { digests[UInt32(rows.text(row, 0)) ?? 0] = rows.text(row, 1) }
    }
    return digests
  }

  private static func select(
    _ catalog: OwnedCatalog, _ objects: [ObjectFacts], _ form: SQLText.Form
  ) -> String {
    select(
      catalog, "'\(oidArrayLiteral(objects.map(\.oid)))'::oid[]",
      owners: SQLText.literal(arrayLiteral(objects.map(\.owner)), form) + "::name[]",
      apart: SQLText.literal(arrayLiteral(objects.first?.code?.apart ?? []), form) + "::name[]")
  }

  /// In the database's own encoding, so that nothing has to be converted.
  private static func hash(_ text: String) -> String {
    "encode(sha256(convert_to(\(text), getdatabaseencoding())), 'hex')"
  }

  /// Who has privileges of an access list, but for its owners and those who may.
  private static func users(_ entries: String, owner: String, _ apart: String) -> String {
    """
    (SELECT string_agg(DISTINCT a.grantee || a.privilege_type, ' ') FROM (\(entries)) a
      LEFT JOIN pg_roles g ON g.oid = a.grantee
      WHERE a.grantee <> \(owner) AND (g.rolname IS NULL OR g.rolname <> w.owner AND g.rolname <> ALL(\(apart))))
    """
  }

  private static func routines(_ oids: String, _ owners: String, _ apart: String) -> String {
    let entries = "SELECT * FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner)))"
    return """
      SELECT p.oid, CASE WHEN p.prosecdef THEN \(hash("""
        concat_ws(' ', to_jsonb(p) - 'proowner' - 'proacl', \(users(entries, owner: "p.proowner", apart)))
        """)) ELSE '' END
      FROM unnest(\(oids), \(owners)) w(oid, owner) JOIN pg_proc p ON p.oid = w.oid
      """
  }

  private static func relations(_ oids: String, _ owners: String, _ apart: String) -> String {
    let entries = """
      SELECT * FROM aclexplode(c.relacl)
      UNION ALL SELECT e.* FROM pg_attribute t CROSS JOIN LATERAL aclexplode(t.attacl) e WHERE t.attrelid = c.oid
      """
    return """
      SELECT c.oid, CASE WHEN c.relhasrules OR k.code IS NOT NULL THEN \(hash("""
        concat_ws(' ', CASE c.relkind WHEN 'v' THEN c.reloptions::text END, r.rules, k.code,
          CASE WHEN c.relhasrules THEN \(users(entries, owner: "c.relowner", apart)) END)
        """)) ELSE '' END
      FROM unnest(\(oids), \(owners)) w(oid, owner) JOIN pg_class c ON c.oid = w.oid
      LEFT JOIN (
        SELECT ev_class, string_agg(to_jsonb(r)::text, ' ' ORDER BY r.oid) AS rules FROM pg_rewrite r
        WHERE ev_class = ANY(\(oids)) GROUP BY ev_class) r ON r.ev_class = c.oid
      LEFT JOIN (\(CodeInspector.calls(of: oids))) k ON k.relation = c.oid
      """
  }
}
