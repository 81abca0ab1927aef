internal import AccessModel
internal import Postgres

/// Makes sure that nobody who could log in with a password becomes a member of rds_iam by any path.
struct LockoutGuard: Sendable {
  let rdsIAMRole: String
  /// Who was a member before setup began, and the IAM user.
  let expected: Set<String>
  /// Who could connect to the database before.
  let mayConnect: Set<String>

  init(request: SetupRequest, before: Set<String>, mayConnect: Set<String> = []) {
    rdsIAMRole = request.rdsIAMRole
    expected = before.union([request.iamUser])
    self.mayConnect = mayConnect
  }

  /// Roles that can log in and that `+rds_iam` matches: recursion follows every edge, whatever its options,
  /// and sees what this transaction has not yet committed.
  static func loginMembers(of role: String, _ session: Session) async throws -> Set<String> {
    let rows = try await session.query(membersQuery(try await session.literal(role)))
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
  func check(_ changes: [Change] = [], _ session: Session) async throws {
    let lockouts = try await lockouts(session)
    guard lockouts.isEmpty else { throw Self.problem(lockouts) }
    guard changes.contains(where: \.touchesDatabase) else { return }
    let shutOut = try await session.query(try await shutOutStatement(session))
    guard shutOut.count == 0 else {
      let names = shutOut.map { Identifier.display(shutOut.text($0, 0)) }
      throw SetupProblem(
        .refused, "lock-out",
        "somebody could no longer connect to the database: \(names.joined(separator: ", "))",
        why: "they have CONNECT through its owner only; nothing of this step was committed",
        fix: "GRANT CONNECT ON DATABASE … TO them first, or leave out --include database")
    }
  }

  /// The same as statements that fail where it does not hold.
  func assertions(_ changes: [Change], _ session: Session) async throws -> [String] {
    var names: [String] = []
    for name in expected.sorted() { names.append(try await session.literal(name)) }
    var assertions = [
      GuardAssertion.statement(
        """
        NOT EXISTS (\(Self.membersQuery(try await session.literal(rdsIAMRole)))
          AND rolname <> ALL (ARRAY[\(names.joined(separator: ", "))]::name[]))
        """)
    ]
    if changes.contains(where: \.touchesDatabase) {
      assertions.append(GuardAssertion.statement("NOT EXISTS (\(try await shutOutStatement(session)))"))
    }
    return assertions
  }

  /// Who could connect to this database when the run began and cannot now.
  private func shutOutStatement(_ session: Session) async throws -> String {
    let roles = try await session.literal(arrayLiteral(mayConnect.sorted()))
    return """
      SELECT rolname FROM pg_roles WHERE rolname = ANY (\(roles)::name[])
        AND NOT has_database_privilege(oid, current_database(), 'CONNECT')
      """
  }

  /// Login roles that may connect to this database.
  static func connecting(_ session: Session) async throws -> Set<String> {
    let rows = try await session.query(
      """
      SELECT rolname FROM pg_roles
      WHERE rolcanlogin AND NOT rolsuper AND has_database_privilege(oid, current_database(), 'CONNECT')
      """)
    return Set(rows.map { rows.text($0, 0) })
  }

  /// Login roles that `+role` matches; `role` is an SQL literal.
  private static func membersQuery(_ role: String) -> String {
    "\(inside(role)) SELECT rolname FROM pg_roles JOIN inside USING (oid) WHERE rolcanlogin AND NOT rolsuper"
  }

  /// A table `inside(oid)` of every direct and indirect member; `role` is an SQL literal.
  static func inside(_ role: String) -> String {
    """
    WITH RECURSIVE inside(oid) AS (
      SELECT a.member FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid WHERE r.rolname = \(role)
      UNION
      SELECT a.member FROM pg_auth_members a JOIN inside i ON a.roleid = i.oid)
    """
  }

  static func problem(_ lockouts: [[String]]) -> SetupProblem {
    let paths = lockouts.map { $0.map(Identifier.display).joined(separator: " → ") }
    let revokes = lockouts.filter { $0.count >= 2 }.map {
      "REVOKE \(SQLText.identifier($0[1])) FROM \(SQLText.identifier($0[0]))"
    }
    return SetupProblem(
      .refused, "lock-out", "somebody would be locked out: \(paths.joined(separator: "; "))",
      why: "every member of rds_iam, direct or not, has to log in with a token; the password stops working",
      fix:
        "nothing of this step was committed. As the grantor, or a role with ADMIN OPTION: \(revokes.joined(separator: "; "))"
    )
  }
}
