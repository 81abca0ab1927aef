internal import AccessModel
internal import Provisioning

/// What keeps a script from locking somebody out, as apply does it: together with a GRANT that another session has open,
/// and that no query shows, what the script grants may lead a password login into rds_iam.
///
/// From PostgreSQL 16 on GRANT locks the role that is granted, and so does REVOKE, also of what nobody has. Before, open
/// transactions are waited for ahead of the grant and after it, and the grant is taken back if that was needed.
struct ScriptGuards {
  private let plan: Plan
  private let role: String

  init(_ plan: Plan) {
    self.plan = plan
    role = SQLText.literal(plan.request.rdsIAMRole, .script)
  }

  private var locksRoles: Bool { plan.server.hasMembershipOptions }
  /// As long as apply waits: five lock timeouts.
  private var patience: Int { plan.lockTimeoutMilliseconds * 5 }

  /// Others that have changed roles or memberships and are open: they keep this lock until they end.
  private static let open = """
    FROM pg_locks WHERE locktype = 'relation' AND database = 0 AND mode = 'RowExclusiveLock' AND granted
          AND relation IN ('pg_auth_members'::regclass, 'pg_authid'::regclass) AND pid IS DISTINCT FROM pg_backend_pid()
    """

  /// Fails within a transaction in which somebody is locked out.
  var lockOut: String {
    block(
      """
      BEGIN
        IF EXISTS (
          \(plan.lockedOutQuery))
        THEN RAISE EXCEPTION 'somebody would be locked out: a password login would become a member of %', \(role);
        END IF;
      END
      """)
  }

  /// Ahead of a transaction that makes somebody a member of a role.
  var before: String {
    guard !locksRoles else { return "" }
    return block(
      """
      DECLARE
        holders text;
        deadline timestamptz := clock_timestamp() + interval '\(patience) milliseconds';
      BEGIN
        LOOP
          SELECT string_agg(coalesce(pid::text, 'prepared transaction'), ', ') INTO holders
          \(Self.open);
          EXIT WHEN holders IS NULL;
          IF clock_timestamp() > deadline THEN
            RAISE EXCEPTION 'open transactions may change memberships: %', holders;
          END IF;
          PERFORM pg_sleep(0.05);
        END LOOP;
      END
      """)
  }

  /// At the end of such a transaction: it waits for open GRANTs of every role that leads to rds_iam, and has others wait.
  var inside: String {
    guard locksRoles else { return "" }
    return block(
      """
      DECLARE
        seen oid[] := '{}';
        this record;
      BEGIN
        PERFORM set_config('client_min_messages', 'error', true);
        LOOP
          WITH RECURSIVE inside(oid) AS (
            SELECT oid FROM pg_roles WHERE rolname = \(role)
            UNION SELECT a.member FROM pg_auth_members a JOIN inside i ON a.roleid = i.oid)
          SELECT oid, rolname INTO this FROM pg_roles JOIN inside USING (oid)
          WHERE oid <> ALL (seen) ORDER BY rolname <> \(role), oid LIMIT 1;
          EXIT WHEN NOT FOUND;
          seen := seen || this.oid;
          BEGIN
            EXECUTE format('REVOKE %I FROM %I', this.rolname, \(role));
          EXCEPTION WHEN insufficient_privilege THEN NULL;
          END;
        END LOOP;
      END
      """)
  }

  /// Fails where an object acts otherwise with its owner's privileges than the plan has read, or another one has its name.
  func unchanged(_ condition: String) -> String {
    block(
      """
      BEGIN
        IF NOT (\(condition))
        THEN RAISE EXCEPTION 'objects of owners with less power are not what they were: %',
          'their names, what they do with their owners'' privileges, or who may use them, have changed since the plan was made';
        END IF;
      END
      """)
  }

  /// After its COMMIT.
  ///
  /// - Parameters:
  ///   - revocations: take back what it has granted.
  ///   - resumptions: grant what it has ended, unless that led to rds_iam.
  func after(_ revocations: [String], _ resumptions: [(role: String, line: String)]) -> String {
    guard !locksRoles, !revocations.isEmpty else { return "" }
    let goOn = resumptions.map { resumption in
      """
      IF NOT pg_has_role(\(SQLText.literal(resumption.role, .script)), \(role), 'MEMBER') THEN
            \(resumption.line)    END IF;

      """
    }
    let look = block(
      """
      DECLARE
        deadline timestamptz := clock_timestamp() + interval '\(patience) milliseconds';
      BEGIN
        PERFORM set_config('lock_timeout', '\(plan.lockTimeoutMilliseconds)', true);
        PERFORM set_config('dbauth.taken_back', 'no', false);
        LOOP
          EXIT WHEN NOT EXISTS (SELECT \(Self.open)) OR clock_timestamp() > deadline;
          PERFORM pg_sleep(0.05);
        END LOOP;
        IF EXISTS (SELECT \(Self.open)) OR EXISTS (
          \(plan.lockedOutQuery))
        THEN
          \(revocations.joined(separator: "    "))    \(goOn.joined(separator: "    "))    PERFORM set_config('dbauth.taken_back', 'yes', false);
        END IF;
      END
      """)
    let tell = block(
      """
      BEGIN
        IF current_setting('dbauth.taken_back') = 'yes' THEN
          RAISE EXCEPTION 'another session''s GRANT, open meanwhile, would lock somebody out, or is still open: %',
            'what this script has just granted was taken back';
        END IF;
      END
      """)
    return look + tell
  }

  /// A DO statement, quoted so that nothing in it ends it.
  private func block(_ body: String) -> String {
    var tag = "guard"
    while body.contains("$\(tag)$") { tag += "_" }
    return "DO $\(tag)$\n\(body)\n$\(tag)$;\n"
  }
}
