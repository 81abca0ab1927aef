internal import Postgres

/// Reads `Surroundings`: every query is linear in the catalogs that it reads.
struct SurroundingsInspector {
  let session: Session
  let snapshot: CatalogSnapshot

  private var schemas: String { arrayLiteral(snapshot.schemas.map(\.identifier.name)) }
  private var newOwner: String { snapshot.newOwner.name }

  func surroundings() async throws -> Surroundings {
    let owners = Set(snapshot.objects.lazy.map(\.owner)).filter { snapshot.roles[$0]?.isSuperuser == false }
    var found = Surroundings()
    guard !owners.isEmpty else { return found }
    let old = arrayLiteral(owners.sorted())
    found.teams = try await teams(owners)
    found.guarded = try await rows(Self.guarded, [schemas, newOwner], .qualified, .name).map {
      ($0[0], $0[1])
    }
    try await SessionInspector(session: session, snapshot: snapshot).read(owners, into: &found)
    found.outsideQueries = try await rows(
      Self.outsideQueries, [schemas, newOwner], .qualified, .name, .qualified, .name
    ).map { Surroundings.Use(object: $0[0], role: $0[1], uses: $0[2], usedOwner: $0[3]) }
    found.outsideCode = grouped(try await rows(Self.outsideCode, [schemas, old], .qualified, .name))
    found.outsideHoldings = grouped(
      try await rows(Self.outsideHoldings, [schemas, newOwner, old], .qualified, .name))
    for row in try await session.query(Self.mappings, [schemas, newOwner]).pairs {
      found.mappings[row.0 ?? "", default: []].append(row.1)
    }
    found.children = try await rows(Self.children, [schemas], .qualified, .name, .qualified, .name).map {
      ($0[0], $0[1], $0[2], $0[3] == "t")
    }
    found.publications = try await rows(Self.publications, [schemas, old], .name, .name).map {
      ($0[0], $0[1])
    }
    found.tablespaces = try await rows(Self.tablespaces, [schemas, newOwner], .name, .name).map {
      ($0[0], $0[1])
    }
    // Before 15 only superusers own any, and others may not read all of the catalog.
    guard snapshot.server.version >= 150_000 else { return found }
    let asItself = snapshot.server.version >= 160_000 ? "s.subrunasowner" : "true"
    found.subscriptions = try await rows(Self.subscriptions(asItself), [schemas], .name, .name, .name).map {
      .init(name: $0[0], owner: $0[1], writesAsItself: $0[2] == "t")
    }
    return found
  }

  /// How a value is made of columns.
  private enum Shape {
    /// As the catalog has it.
    case name
    /// A schema and a name, for people.
    case qualified
  }

  private func rows(_ sql: String, _ values: [String], _ shapes: Shape...) async throws -> [[String]] {
    let result = try await session.query(sql, values)
    return result.map { row in
      var column = 0
      return shapes.map { shape in
        defer { column += shape == .name ? 1 : 2 }
        guard shape == .qualified else { return result.text(row, column) }
        return
          "\(Identifier.display(result.text(row, column))).\(Identifier.display(result.text(row, column + 1)))"
      }
    }
  }

  private func grouped(_ rows: [[String]]) -> [String: [String]] {
    Dictionary(grouping: rows, by: { $0[1] }).mapValues { $0.map { $0[0] } }
  }

  /// Login roles with the privileges of each owner, or the right to become it; those with ADMIN OPTION alone have neither.
  private func teams(_ owners: Set<String>) async throws -> [String: [String]] {
    var pairs: [(owner: String, member: String)] = []
    for owner in owners.sorted() {
      let members = snapshot.graph.allMembers(of: owner).sorted()
      pairs += members.lazy.filter {
        snapshot.roles[$0]?.canLogin == true && snapshot.roles[$0]?.isSuperuser == false
      }
      .map { (owner, $0) }
    }
    guard !pairs.isEmpty else { return [:] }
    let handOver = snapshot.server.hasMembershipOptions ? "SET" : "MEMBER"
    let rows = try await rows(
      """
      SELECT m.rolname, o.rolname FROM unnest($1::name[], $2::name[]) AS p(owner, member)
      JOIN pg_roles o ON o.rolname = p.owner JOIN pg_roles m ON m.rolname = p.member
      WHERE pg_has_role(m.oid, o.oid, 'USAGE') OR pg_has_role(m.oid, o.oid, '\(handOver)') ORDER BY 2, 1
      """, [arrayLiteral(pairs.map(\.owner)), arrayLiteral(pairs.map(\.member))], .name, .name)
    return grouped(rows)
  }

  private static let name = "n.nspname, c.relname"

  private static let guarded = """
    SELECT \(name), pg_get_userbyid(c.relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY($1::name[]) AND c.relrowsecurity AND NOT c.relforcerowsecurity
      AND pg_get_userbyid(c.relowner) <> $2::name ORDER BY 1, 2
    """

  /// What they use is theirs because of who owns it: nobody has granted it to them.
  private static let outsideQueries = """
    SELECT DISTINCT \(name), pg_get_userbyid(c.relowner),
      tn.nspname, t.relname, pg_get_userbyid(t.relowner)
    FROM pg_rewrite w JOIN pg_class c ON c.oid = w.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
    JOIN pg_class t ON t.oid = d.refobjid AND t.oid <> c.oid JOIN pg_namespace tn ON tn.oid = t.relnamespace
    WHERE w.oid >= 16384 AND n.nspname <> ALL($1::name[]) AND tn.nspname = ANY($1::name[])
      AND pg_get_userbyid(t.relowner) <> $2::name AND pg_has_role(c.relowner, t.relowner, 'USAGE')
      AND NOT (w.ev_type = '1' AND EXISTS (SELECT FROM pg_options_to_table(c.reloptions)
        WHERE option_name = 'security_invoker' AND option_value::boolean))
      AND NOT EXISTS (SELECT FROM aclexplode(t.relacl) a WHERE a.privilege_type = 'SELECT' AND a.grantee <> t.relowner
        AND (a.grantee = 0 OR pg_has_role(c.relowner, a.grantee, 'USAGE')))
    ORDER BY 1, 2, 4, 5
    """

  private static let outsideCode = """
    SELECT n.nspname, p.proname, pg_get_userbyid(p.proowner)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE p.prosecdef AND p.oid >= 16384 AND n.nspname <> ALL($1::name[]) AND pg_get_userbyid(p.proowner) = ANY($2::name[])
    ORDER BY 1, 2
    """

  private static let outsideHoldings = """
    SELECT DISTINCT c.nspname, c.relname, c.rolname FROM (
      SELECT \(name), r.rolname, c.oid, c.relacl FROM pg_roles r
      JOIN pg_shdepend s ON s.refclassid = 'pg_authid'::regclass AND s.refobjid = r.oid AND s.deptype IN ('o', 'a')
        AND s.dbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
        AND s.classid = 'pg_class'::regclass AND s.objsubid = 0
      JOIN pg_class c ON c.oid = s.objid AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE r.rolname = ANY($3::name[]) AND n.nspname <> ALL($1::name[]) AND n.nspname !~ '^pg_' OFFSET 0) c
    WHERE NOT coalesce((SELECT has_table_privilege(o.oid, c.oid, 'SELECT') FROM pg_roles o WHERE o.rolname = $2::name),
      EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee = 0 AND a.privilege_type = 'SELECT'), false)
    ORDER BY 1, 2, 3
    """

  /// Of foreign tables that move, and of those that views use which move: what a view uses, its owner's mapping is for.
  private static let mappings = """
    WITH moving AS (
      SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = ANY($1::name[]) AND pg_get_userbyid(c.relowner) <> $2::name)
    SELECT DISTINCT m.srvname, CASE WHEN m.umuser <> 0 THEN m.usename END FROM pg_user_mappings m
    WHERE m.srvid IN (
      SELECT f.ftserver FROM pg_foreign_table f JOIN moving ON moving.oid = f.ftrelid
      UNION SELECT f.ftserver FROM pg_foreign_table f JOIN pg_depend d ON d.refobjid = f.ftrelid
        AND d.refclassid = 'pg_class'::regclass AND d.classid = 'pg_rewrite'::regclass
      JOIN pg_rewrite w ON w.oid = d.objid JOIN moving ON moving.oid = w.ev_class) ORDER BY 1, 2
    """

  private static let children = """
    SELECT \(name), pg_get_userbyid(c.relowner), pn.nspname, p.relname,
      n.nspname = ANY($1::name[])
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f') AND (n.nspname = ANY($1::name[])) <> (pn.nspname = ANY($1::name[])) ORDER BY 1, 2, 4, 5
    """

  private static func subscriptions(_ asItself: String) -> String {
    """
    SELECT DISTINCT s.subname, pg_get_userbyid(s.subowner), \(asItself)
    FROM pg_subscription s JOIN pg_subscription_rel r ON r.srsubid = s.oid JOIN pg_class c ON c.oid = r.srrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles o ON o.oid = s.subowner
    WHERE n.nspname = ANY($1::name[]) AND NOT o.rolsuper ORDER BY 1
    """
  }

  private static let publications = """
    SELECT DISTINCT p.pubname, pg_get_userbyid(p.pubowner)
    FROM pg_publication p JOIN pg_publication_rel r ON r.prpubid = p.oid JOIN pg_class c ON c.oid = r.prrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY($1::name[]) AND pg_get_userbyid(p.pubowner) = ANY($2::name[]) ORDER BY 1
    """

  private static let tablespaces = """
    SELECT DISTINCT t.spcname, pg_get_userbyid(c.relowner)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_tablespace t ON t.oid = c.reltablespace
    WHERE n.nspname = ANY($1::name[]) AND t.spcname <> 'pg_global' AND pg_get_userbyid(c.relowner) <> $2::name
      AND has_tablespace_privilege(c.relowner, t.oid, 'CREATE')
      AND NOT coalesce((SELECT has_tablespace_privilege(o.oid, t.oid, 'CREATE') FROM pg_roles o WHERE o.rolname = $2::name),
        EXISTS (SELECT FROM aclexplode(t.spcacl) a WHERE a.grantee = 0 AND a.privilege_type = 'CREATE'), false)
    ORDER BY 1, 2
    """
}

extension ResultSet {
  /// Its first two columns.
  fileprivate var pairs: [(String?, String?)] { map { (self[$0, 0], self[$0, 1]) } }
}
