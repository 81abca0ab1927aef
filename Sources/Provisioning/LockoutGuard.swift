internal import Postgres

/// Makes sure that nobody who could log in with a password becomes a member of rds_iam by any path.
struct LockoutGuard: Sendable {
  let rdsIAMRole: String
  /// Who was a member before setup began, and the IAM user.
  let expected: Set<String>

  init(request: SetupRequest, before: Set<String>) {
    rdsIAMRole = request.rdsIAMRole
    expected = before.union([request.iamUser])
  }

  /// Roles that can log in and that `+rds_iam` matches: recursion follows every edge, whatever its options,
  /// and sees what this transaction has not yet committed.
  static func loginMembers(of role: String, _ session: Session) async throws -> Set<String> {
    let rows = try await session.query(
      """
      WITH RECURSIVE inside(oid) AS (
        SELECT a.member FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid WHERE r.rolname = $1::name
        UNION
        SELECT a.member FROM pg_auth_members a JOIN inside i ON a.roleid = i.oid)
      SELECT rolname FROM pg_roles JOIN inside USING (oid) WHERE rolcanlogin AND NOT rolsuper
      """, [role])
    return Set(rows.map { rows.text($0, 0) })
  }

  /// The chains that would lock somebody out, for example `[postgres, iamuser, rds_iam]`.
  func lockouts(_ session: Session) async throws -> [[String]] {
    let members = try await Self.loginMembers(of: rdsIAMRole, session).subtracting(expected)
    guard !members.isEmpty else { return [] }
    let graph = try await RoleInspector(session: session).graph()
    return members.sorted().map { graph.path(from: $0, to: rdsIAMRole) ?? [$0, rdsIAMRole] }
  }

  /// - Throws: `SetupProblem` that prints the path and the way out; the caller rolls back.
  func check(_ session: Session) async throws {
    let lockouts = try await lockouts(session)
    guard lockouts.isEmpty else { throw Self.problem(lockouts) }
  }

  static func problem(_ lockouts: [[String]]) -> SetupProblem {
    let paths = lockouts.map { $0.joined(separator: " → ") }
    let revokes = lockouts.filter { $0.count >= 2 }.map { "REVOKE \(quoted($0[1])) FROM \(quoted($0[0]))" }
    return SetupProblem(
      .refused, "lock-out", "somebody would be locked out: \(paths.joined(separator: "; "))",
      why: "every member of rds_iam, direct or not, has to log in with a token; the password stops working",
      fix:
        "nothing of this step was committed. As a superuser or the grantor: \(revokes.joined(separator: "; "))"
    )
  }

  /// For a message, where no connection is at hand to quote with.
  private static func quoted(_ name: String) -> String {
    "\"\(name.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\""))\""
  }
}
