import Testing

extension TestDatabase {
  /// Everything in schema public that setup always moves and that belongs to somebody else, the schema included.
  ///
  /// Written from the catalogs' documentation, not from setup's queries:
  /// https://www.postgresql.org/docs/current/catalogs.html
  func objectsNotOwned(by owner: String) async throws -> [String] {
    try await psql(
      """
      WITH mine AS (SELECT oid FROM pg_roles WHERE rolname = '\(owner)'),
      other(catalog, oid, name, owner) AS (
        SELECT 'pg_class'::regclass, oid, 'relation ' || oid::regclass, relowner FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
        UNION ALL SELECT 'pg_proc'::regclass, oid, 'routine ' || oid::regprocedure, proowner FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT 'pg_type'::regclass, t.oid, 'type ' || t.oid::regtype, typowner FROM pg_type t
        WHERE typnamespace = 'public'::regnamespace AND (typtype IN ('e', 'd', 'r')
          OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND relkind = 'c'))
        UNION ALL SELECT 'pg_namespace'::regclass, oid, 'schema ' || nspname, nspowner FROM pg_namespace
        WHERE nspname = 'public')
      SELECT replace(name, chr(10), ' ') FROM other WHERE owner NOT IN (SELECT oid FROM mine)
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = catalog AND d.objid = other.oid AND (deptype = 'e'
        OR deptype = 'i' AND catalog = 'pg_proc'::regclass))
      ORDER BY 1
      """
    ).split(separator: "\n").map(String.init)
  }

  /// Every object of an extension with its owner.
  func extensionOwners() async throws -> String {
    try await psql(
      """
      SELECT d.classid::regclass, d.objid, coalesce(c.relowner, p.proowner, t.typowner, o.oprowner)::regrole
      FROM pg_depend d LEFT JOIN pg_class c ON c.oid = d.objid AND d.classid = 'pg_class'::regclass
      LEFT JOIN pg_proc p ON p.oid = d.objid AND d.classid = 'pg_proc'::regclass
      LEFT JOIN pg_type t ON t.oid = d.objid AND d.classid = 'pg_type'::regclass
      LEFT JOIN pg_operator o ON o.oid = d.objid AND d.classid = 'pg_operator'::regclass
      WHERE d.deptype = 'e' ORDER BY d.classid, d.objid
      """)
  }

  /// Applies and reverts, and expects the dumps to be what they were.
  func expectRoundTrip(
    _ options: [String], as login: Login? = nil, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let before = try await dump()
    let apply = try await setup("apply", options + ["--yes"], as: login)
    #expect(apply.status == 0, "\(apply.output)", sourceLocation: sourceLocation)
    let moved = try await dump().differences(from: before)
    #expect(!moved.isEmpty, sourceLocation: sourceLocation)
    let revert = try await setup("revert", ["--yes"], as: login)
    #expect(revert.status == 0, "\(revert.output)", sourceLocation: sourceLocation)
    let left = try await dump().differences(from: before)
    #expect(left == [], sourceLocation: sourceLocation)
  }
}
