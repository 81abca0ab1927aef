internal import Postgres

/// Reads what depends on who somebody is, and not on what they may do: policies and search paths.
struct SessionInspector {
  let session: Session
  let snapshot: CatalogSnapshot

  func read(_ owners: Set<String>, into found: inout Surroundings) async throws {
    let schemas = arrayLiteral(snapshot.schemas.map(\.identifier.name))
    let old = arrayLiteral(owners.sorted())
    let policies = try await session.query(Self.policies, [schemas, snapshot.newOwner.name, old])
    for row in 0..<policies.count {
      let place = (policies.text(row, 0), policies.text(row, 1), policies.text(row, 2))
      if found.policies.last.map({ ($0.name, $0.schema, $0.table) == place }) != true {
        found.policies.append(
          .init(name: place.0, schema: place.1, table: place.2, asksWho: policies.flag(row, 5)))
      }
      guard let role = policies[row, 3] else { continue }
      found.policies[found.policies.count - 1].grantees.append(role)
      if policies.flag(row, 4) { found.policies[found.policies.count - 1].owners.append(role) }
    }
    let logins = arrayLiteral(owners.union([snapshot.iamUser.name]).sorted())
    let paths = try await session.query(Self.searchPaths, [logins])
    for row in 0..<paths.count {
      found.searchPaths[paths.text(row, 0)] = SearchPath(
        setting: paths[row, 1], standard: paths.text(row, 2), hasOwnSchema: paths.flag(row, 3))
    }
  }

  /// Policies of tables on which row security is forced, so that it holds for their owner, too: those that name an old
  /// owner and not the new one, and those that ask who the user is.
  private static let policies = """
    SELECT p.polname, n.nspname, c.relname, r.rolname, r.rolname = ANY($3::name[]), w.asks
    FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_roles r ON r.oid = ANY(p.polroles)
    CROSS JOIN LATERAL (
      SELECT concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
        ~ '[[:<:]](CURRENT_USER|SESSION_USER|CURRENT_ROLE|USER)[[:>:]]' AS asks) w
    WHERE n.nspname = ANY($1::name[]) AND c.relrowsecurity AND c.relforcerowsecurity
      AND pg_get_userbyid(c.relowner) <> $2::name AND pg_get_userbyid(c.relowner) = ANY($3::name[])
      AND (w.asks OR EXISTS (SELECT FROM pg_roles o WHERE o.oid = ANY(p.polroles) AND o.rolname = ANY($3::name[]))
        AND NOT EXISTS (SELECT FROM pg_roles o, unnest(p.polroles) a
          WHERE o.rolname = $2::name AND a <> 0 AND pg_has_role(o.oid, a, 'USAGE')))
    ORDER BY 2, 3, 1, 4
    """

  /// The setting of a login in this database or everywhere, what holds for logins without one, and whether there is a
  /// schema that only "$user" of this very login finds.
  private static let searchPaths = """
    SELECT r.rolname,
      (SELECT substr(c, 13) FROM pg_db_role_setting s, unnest(s.setconfig) c
        WHERE s.setrole = r.oid AND s.setdatabase IN (0, d.oid) AND c LIKE 'search_path=%'
        ORDER BY s.setdatabase DESC LIMIT 1),
      coalesce((SELECT substr(c, 13) FROM pg_db_role_setting s, unnest(s.setconfig) c
        WHERE s.setrole = 0 AND s.setdatabase = d.oid AND c LIKE 'search_path=%'), '"$user", public'),
      EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = r.rolname)
    FROM pg_roles r, pg_database d WHERE d.datname = current_database() AND r.rolname = ANY($1::name[]) AND r.rolcanlogin
    """
}
