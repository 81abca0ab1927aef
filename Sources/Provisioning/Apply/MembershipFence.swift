internal import Postgres

/// Keeps everybody else from making anybody a member of rds_iam, by any path, until this transaction ends.
///
/// From PostgreSQL 16 on, GRANT and REVOKE of a role lock the role that is granted until their transaction ends
/// (`AddRoleMems` and `DelRoleMems` in `src/backend/commands/user.c`). So a GRANT that has not been committed yet, and
/// that no query shows, is waited for here, and whoever comes later waits for this transaction and its guard. Every
/// role that leads to rds_iam has to be locked: an edge of a path may end in any of them.
struct MembershipFence {
  let session: Session
  let server: ServerFacts
  let rdsIAMRole: String

  private struct Role {
    var oid: UInt32
    var name: Identifier
  }

  /// Locks every role that is a member of rds_iam by now, and rds_iam itself, until no more come to light.
  ///
  /// - Returns: whether every one of them is locked, and nobody else can begin to log in as one of them unseen.
  /// - Throws: `Transaction.Failure.blocked` when somebody else's GRANT or REVOKE stays open for too long.
  func close(until deadline: ContinuousClock.Instant) async throws -> Bool {
    guard server.hasMembershipOptions else { return false }
    var locked: Set<UInt32> = []
    var isComplete = true
    while true {
      let roles = try await roles().filter { !locked.contains($0.oid) }
      if roles.isEmpty {
        let hasSleepers = try await hasSleepers()
        return isComplete && !hasSleepers
      }
      locked.formUnion(roles.map(\.oid))
      if try await lock(roles, deadline) { continue }
      isComplete = false
      // One of them is not this login's to administer; the others are locked one by one.
      for role in roles where roles.count > 1 { _ = try await lock([role], deadline) }
    }
  }

  /// A REVOKE of something that cannot have been granted changes nothing and takes the lock: rds_iam cannot be a
  /// member of its own member.
  ///
  /// - Returns: false when this login may not.
  private func lock(_ roles: [Role], _ deadline: ContinuousClock.Instant) async throws -> Bool {
    let left = max(deadline - .now, .milliseconds(1))
    let iam = try await session.identifier(rdsIAMRole)
    do {
      try await session.execute(
        """
        SAVEPOINT fence; \(TransactionSettings.lockTimeoutStatement(left));
        REVOKE \(roles.map(\.name.quoted).joined(separator: ", ")) FROM \(iam.quoted);
        RELEASE SAVEPOINT fence
        """, deadline: .now + left)
      return true
    } catch let error as PostgresError where error.isLockConflict {
      throw Transaction.Failure.blocked(index: 0, error)
    } catch let error as PostgresError where !error.connectionLost {
      try await session.execute("ROLLBACK TO SAVEPOINT fence; RELEASE SAVEPOINT fence")
      return false
    }
  }

  /// rds_iam first, as every setup on this server does.
  private func roles() async throws -> [Role] {
    let rows = try await session.query(
      """
      \(try await inside()) SELECT DISTINCT r.oid, r.rolname, i.oid IS NULL FROM pg_roles r LEFT JOIN inside i USING (oid)
      WHERE i.oid IS NOT NULL OR r.rolname = $1::name ORDER BY 3 DESC, 1
      """, [rdsIAMRole])
    var roles: [Role] = []
    for row in 0..<rows.count {
      roles.append(
        Role(oid: UInt32(rows.text(row, 0)) ?? 0, name: try await session.identifier(rows.text(row, 1))))
    }
    return roles
  }

  /// Members that cannot log in or are superusers: no lock keeps ALTER ROLE from changing that.
  private func hasSleepers() async throws -> Bool {
    let rows = try await session.query(
      "\(try await inside()) SELECT count(*) FROM pg_roles JOIN inside USING (oid) WHERE NOT rolcanlogin OR rolsuper"
    )
    return rows.integer(0, 0) > 0
  }

  private func inside() async throws -> String {
    LockoutGuard.inside(try await session.literal(rdsIAMRole))
  }
}
