extension TestDatabase {
  /// Everything that setup may change, by name, in one text: owners and privileges of all objects, memberships with
  /// their options and grantors, roles, settings, default privileges. Much cheaper than a dump of thousands of tables, and
  /// like a dump it does not tell default privileges from the same ones written out.
  func fingerprint() async throws -> [Substring] {
    try await psql(
      """
      SELECT 'schema', nspname, nspowner::regrole, coalesce(nspacl, acldefault('n', nspowner)) FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 2;
      SELECT relkind, c.oid::regclass, relowner::regrole,
        coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner)) FROM pg_class c
      WHERE relnamespace = 'public'::regnamespace ORDER BY c.oid;
      SELECT 'column', attrelid::regclass, attname, attacl FROM pg_attribute WHERE attacl IS NOT NULL AND attnum > 0
      AND attrelid >= 16384 ORDER BY attrelid, attnum;
      SELECT 'type', oid::regtype, typowner::regrole, coalesce(typacl, acldefault('T', typowner)) FROM pg_type
      WHERE typnamespace = 'public'::regnamespace ORDER BY oid;
      SELECT 'routine', oid::regprocedure, proowner::regrole, coalesce(proacl, acldefault('f', proowner)) FROM pg_proc
      WHERE pronamespace = 'public'::regnamespace ORDER BY oid;
      SELECT 'database', datname, datdba::regrole, datacl FROM pg_database WHERE datname = current_database();
      SELECT 'default', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype, defaclacl
      FROM pg_default_acl ORDER BY 2, 3, 4;
      SELECT 'role', rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolconnlimit, rolpassword,
      rolvaliduntil FROM pg_authid ORDER BY 2;
      SELECT 'setting', setrole::regrole, d.datname, setconfig FROM pg_db_role_setting s
      LEFT JOIN pg_database d ON d.oid = setdatabase ORDER BY 2, 3;
      SELECT 'member', roleid::regrole, member::regrole, grantor::regrole, to_jsonb(m) - '{oid,roleid,member,grantor}'::text[]
      FROM pg_auth_members m ORDER BY 2, 3, 4;
      """
    ).split(separator: "\n")
  }
}
