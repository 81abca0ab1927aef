internal import Postgres

/// Reads `ServerFacts`.
struct ServerInspector {
  let session: Session

  func facts() async throws -> ServerFacts {
    var facts = ServerFacts()
    facts.version = session.serverVersion
    let row = try await session.query(
      """
      SELECT current_setting('server_version'), current_user, current_database(), d.oid,
        pg_get_userbyid(d.datdba), r.rolsuper, r.rolcreaterole, has_database_privilege(d.oid, 'CREATE'),
        pg_is_in_recovery(),
        current_setting('max_locks_per_transaction')::bigint
          * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint),
        (SELECT count(*) FROM pg_locks WHERE NOT fastpath),
        has_column_privilege('pg_catalog.pg_authid', 'rolpassword', 'SELECT'),
        coalesce((SELECT pg_has_role(s.oid, 'MEMBER') FROM pg_roles s WHERE s.rolname = 'rds_superuser'), false),
        has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE'),
        (extract(epoch FROM current_setting('deadlock_timeout')::interval) * 1000)::bigint,
        EXISTS (SELECT FROM pg_roles s WHERE s.rolname = 'rds_superuser')
      FROM pg_database d, pg_roles r
      WHERE d.datname = current_database() AND r.rolname = current_user
      """)
    facts.versionText = ServerFacts.version(in: row.text(0, 0)) ?? "\(facts.version / 10_000)"
    facts.user = row.text(0, 1)
    facts.database = row.text(0, 2)
    facts.databaseOID = UInt32(row.text(0, 3)) ?? 0
    facts.databaseOwner = row.text(0, 4)
    facts.isSuperuser = row.flag(0, 5)
    facts.canCreateRoles = row.flag(0, 6)
    facts.canCreateInDatabase = row.flag(0, 7)
    facts.inRecovery = row.flag(0, 8)
    facts.lockCapacity = row.integer(0, 9)
    facts.locksHeld = row.integer(0, 10)
    facts.canReadPasswords = row.flag(0, 11)
    facts.isRDSSuperuser = row.flag(0, 12) && !facts.isSuperuser
    if row.integer(0, 14) > 0 { facts.deadlockTimeout = .milliseconds(row.integer(0, 14)) }
    facts.isManaged = row.flag(0, 15) && !facts.isSuperuser
    if row.flag(0, 13) {
      facts.systemIdentifier = try await session.query("SELECT system_identifier FROM pg_control_system()")[
        0, 0]
    }
    return facts
  }
}
