import Foundation
import Subprocess
import Testing

/// `DBAUTH_HISTORIES` says how many histories a server and mode (default 1), `DBAUTH_HISTORIES_SEED` repeats them.
@Suite("Whatever the schema, and whatever others do meanwhile")
struct RevertPropertyTests {
  static let histories = ProcessInfo.processInfo.environment["DBAUTH_HISTORIES"].flatMap { Int($0) } ?? 1
  static let seed =
    ProcessInfo.processInfo.environment["DBAUTH_HISTORIES_SEED"].flatMap { UInt64($0) }
    ?? .random(in: 0...UInt64.max / 2)

  @Test(
    "after revert a database is like its twin, which was never moved",
    arguments: histories > 1 ? ServerName.likeRDS : [.pg15RDS, .pg18RDS], ["owner-role", "direct"])
  func likeItsTwin(on server: ServerName, mode: String) async throws {
    for number in 0..<UInt64(max(1, Self.histories)) {
      let seed = Self.seed &+ number
      try await TestDatabase.run(on: server) { database in
        print("\(server.rawValue), \(mode): DBAUTH_HISTORIES_SEED=\(seed)")
        try await Self.history(database, mode, seed)
      }
    }
  }

  private static func history(_ database: TestDatabase, _ mode: String, _ seed: UInt64) async throws {
    let place: Comment = "seed \(seed)"
    var schema = RandomSchema(seed: seed)
    let twin = database.another("twin")
    try await twin.create()
    try await database.server.psql(schema.roles())
    let objects = schema.objects()
    for one in [database, twin] { try await one.attempt(objects) }
    let start = try await database.rightsOfAll()
    #expect(try await twin.rightsOfAll() == start, place)
    let before = try await database.roleNumbers()

    let apply = try await database.setup("apply", schema.options() + ["--mode", mode, "--yes"])
    #expect(apply.status == 0, "\(place): \(apply.output)")
    let changes = schema.changes()
    let newOwner = mode == "direct" ? "iamuser" : database.ownerRole
    try await database.attempt(changes.inEach.replacing("NEW_OWNER", with: "\"\(newOwner)\""))
    try await twin.attempt(
      changes.inEach.replacing("NEW_OWNER", with: RandomSchema.quoted(schema.owner)))
    if let moment = schema.kill() {
      _ = try await database.setup("revert", ["--batch-locks", "40", "--yes"]) { running in
        try await Task.sleep(for: moment)
        running.send(.kill)
      }
      let more = schema.moreChanges()
      for one in [database, twin] { try await one.attempt(more) }
    }
    try await database.server.psql(changes.onServer)

    let revert = try await database.setup("revert", ["--yes"])
    #expect(revert.status == 0, "\(place): \(revert.output)")
    let expected = try await twin.rightsOfAll()
    let found = try await database.rightsOfAll()
    #expect(found.subtracting(expected).sorted() == [], "more than the twin has; \(place)\n\(revert.output)")
    #expect(expected.subtracting(found).sorted() == [], "less than the twin has; \(place)\n\(revert.output)")
    let added = try await database.roleNumbers().subtracting(before)
    #expect(added == [], "\(place): \(revert.output)")
    let again = try await database.setup("revert", ["--yes"])
    #expect(again.status == 0 && again.stdout.contains("Nothing to undo"), "\(place): \(again.output)")
  }
}

extension TestDatabase {
  /// Runs a script to its end, whatever fails in it.
  fileprivate func attempt(_ script: String) async throws {
    _ = try await server.program("psql", ["-XqAt"], as: .superuser, database: name, input: script)
  }

  /// The roles of the server by number, for names may change.
  fileprivate func roleNumbers() async throws -> Set<Substring> {
    Set(try await psql("SELECT oid FROM pg_roles").split(separator: "\n"))
  }

  /// Owners and every single privilege of everything in the database, defaults written out.
  ///
  /// From https://www.postgresql.org/docs/current/catalogs.html, not from setup's queries.
  fileprivate func rightsOfAll() async throws -> Set<String> {
    let rights = """
      SELECT o.kind, o.name, o.owner::regrole, NULL, NULL, NULL, NULL FROM objects o
      UNION ALL SELECT o.kind, o.name, NULL, e.grantor::regrole::text, e.grantee::regrole::text, e.privilege_type, e.is_grantable
      FROM objects o, aclexplode(coalesce(o.acl, acldefault(o.letter, o.owner))) e
      WHERE NOT (e.grantee = o.owner AND e.grantor = o.owner)
      """
    return Set(
      try await psql(
        """
        SET search_path = '';
        WITH objects(kind, letter, name, owner, acl) AS (
          SELECT 'relation', (CASE relkind WHEN 'S' THEN 's' ELSE 'r' END)::"char", c.oid::pg_catalog.regclass::text, relowner, relacl
          FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
          WHERE nspname !~ '^(pg_|information_schema)' AND relkind IN ('r', 'p', 'v', 'S')
          UNION ALL SELECT 'column', 'c', attrelid::regclass || '.' || attname, relowner, attacl
          FROM pg_attribute a JOIN pg_class c ON c.oid = attrelid WHERE attacl IS NOT NULL AND attrelid >= 16384
          UNION ALL SELECT 'routine', 'f', p.oid::regprocedure::text, proowner, proacl FROM pg_proc p
          WHERE p.oid >= 16384
          UNION ALL SELECT 'type', 'T', t.oid::regtype::text, typowner, typacl FROM pg_type t
          WHERE t.oid >= 16384 AND typtype = 'e'
          UNION ALL SELECT 'schema', 'n', nspname, nspowner, nspacl FROM pg_namespace WHERE nspname !~ '^(pg_|information)'
          UNION ALL SELECT 'database', 'd', '', datdba, datacl FROM pg_database WHERE datname = current_database())
        \(rights)
        UNION ALL SELECT 'default', concat_ws('/', defaclnamespace::regnamespace, defaclobjtype), defaclrole::regrole,
          e.grantor::regrole::text, e.grantee::regrole::text, e.privilege_type, e.is_grantable
        FROM pg_default_acl, aclexplode(defaclacl) e
        UNION ALL SELECT 'member', m.roleid::regrole::text, m.member::regrole, NULL, NULL, NULL, NULL FROM pg_auth_members m
        UNION ALL SELECT 'setting', s.setconfig::text, s.setrole::regrole, NULL, NULL, NULL, NULL FROM pg_db_role_setting s
        """
      ).split(separator: "\n").map(String.init))
  }
}
