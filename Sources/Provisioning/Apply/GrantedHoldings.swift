internal import Postgres

/// Objects on which somebody has been given something before their creator gives it by default: what has come with an
/// object's creation can be told from it later.
struct GrantedHoldings: Sendable {
  private struct Place: Hashable {
    var owner: String
    var grantee: String
    var schema: String
    var objects: String
  }

  private var objects: [Place: [UInt32]] = [:]

  /// None are known.
  init() {}

  /// Reads, inside the transaction that grants by default, what the grantees have from the creators.
  init(_ changes: [Change], _ session: Session) async throws {
    let granted = changes.compactMap { change -> CatalogSnapshot.DefaultPrivilege? in
      if case .grantByDefault(let privilege, _) = change.action { privilege } else { nil }
    }
    guard !granted.isEmpty else { return }
    let rows = try await session.query(
      Self.select,
      [arrayLiteral(Set(granted.map(\.owner))), arrayLiteral(Set(granted.compactMap(\.grantee?.name)))])
    for row in 0..<rows.count {
      let place = Place(
        owner: rows.text(row, 0), grantee: rows.text(row, 1), schema: rows.text(row, 2),
        objects: rows.text(row, 3))
      objects[place, default: []].append(UInt32(rows.text(row, 4)) ?? 0)
    }
  }

  /// Nil when there are none.
  subscript(privilege: CatalogSnapshot.DefaultPrivilege) -> [UInt32]? {
    guard let grantee = privilege.grantee?.name, !privilege.revoked else { return nil }
    if let schema = privilege.schema?.name {
      return objects[
        Place(owner: privilege.owner, grantee: grantee, schema: schema, objects: privilege.objects)]
    }
    let found = objects.filter {
      $0.key.owner == privilege.owner && $0.key.grantee == grantee && $0.key.objects == privilege.objects
    }
    return found.isEmpty ? nil : found.values.flatMap(\.self).sorted()
  }

  private static let select = """
    SELECT DISTINCT pg_get_userbyid(o.owner), g.rolname, n.nspname, o.objects, o.oid FROM (
      SELECT oid, relowner AS owner, relnamespace AS namespace, relacl AS acl,
        CASE relkind WHEN 'S' THEN 'SEQUENCES' ELSE 'TABLES' END AS objects
      FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      UNION ALL SELECT oid, proowner, pronamespace, proacl, 'FUNCTIONS' FROM pg_proc
      UNION ALL SELECT oid, typowner, typnamespace, typacl, 'TYPES' FROM pg_type) o
    JOIN pg_namespace n ON n.oid = o.namespace CROSS JOIN LATERAL aclexplode(o.acl) a JOIN pg_roles g ON g.oid = a.grantee
    WHERE pg_get_userbyid(o.owner) = ANY($1::name[]) AND g.rolname = ANY($2::name[]) AND a.grantor = o.owner
    ORDER BY 1, 2, 3, 4, 5
    """
}
