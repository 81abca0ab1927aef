internal import Postgres

/// Memberships the operator needs for a moment: granted and given back inside one transaction, so that no
/// committed state ever shows them.
///
/// A change of owner needs the old owner's privileges (INHERIT) and the right to become the new one
/// (PostgreSQL 16+: SET; before: membership):
/// https://www.postgresql.org/docs/current/sql-altertable.html
struct BorrowedMemberships: Sendable {
  let roles: [Identifier]
  let operatorRole: Identifier
  let explicitOptions: Bool

  /// The roles whose privileges the operator lacks and needs for these changes.
  ///
  /// Asked inside the transaction, when the roles that it creates exist.
  static func needed(
    for changes: some Sequence<Change>, _ server: ServerFacts, _ session: Session
  ) async throws -> [Identifier] {
    guard !server.isSuperuser else { return [] }
    var settable: [String: Bool] = [:]
    for change in changes {
      for name in change.rolesNeeded {
        // An object's old owner need only be inherited from; whoever gets it or grants has to be become.
        var wanted = true
        if case .alterOwner(let object, let owner) = change.action {
          wanted = name == owner.name && name != object.owner
        }
        settable[name] = settable[name] == true || wanted
      }
    }
    return try await unavailable(settable, server, session)
  }

  /// Those of the roles that the operator cannot become.
  static func unavailable(
    _ roles: Set<Identifier>, _ server: ServerFacts, _ session: Session
  ) async throws -> [Identifier] {
    guard !server.isSuperuser else { return [] }
    return try await unavailable(
      Dictionary(uniqueKeysWithValues: roles.map { ($0.name, true) }), server, session)
  }

  /// - Parameter settable: for each role, whether having its privileges is not enough.
  private static func unavailable(
    _ settable: [String: Bool], _ server: ServerFacts, _ session: Session
  ) async throws -> [Identifier] {
    guard !settable.isEmpty else { return [] }
    let settable = try await withDatabaseOwner(settable, session)
    let handOver = server.hasMembershipOptions ? "SET" : "MEMBER"
    let rows = try await session.query(
      """
      SELECT rolname, pg_has_role(oid, 'USAGE'), pg_has_role(oid, '\(handOver)')
      FROM pg_roles WHERE rolname = ANY($1::name[]) ORDER BY oid
      """, [arrayLiteral(settable.keys)])
    var roles: [Identifier] = []
    for row in 0..<rows.count {
      let name = rows.text(row, 0)
      let suffices = rows.flag(row, 1) && (settable[name] == false || rows.flag(row, 2))
      if !suffices { roles.append(try await session.identifier(name)) }
    }
    return roles
  }

  /// `pg_database_owner` has one member, the owner of the database, and can have no other: the way to it leads
  /// through that one. https://www.postgresql.org/docs/current/predefined-roles.html
  private static func withDatabaseOwner(
    _ settable: [String: Bool], _ session: Session
  ) async throws -> [String: Bool] {
    guard let wanted = settable["pg_database_owner"] else { return settable }
    let owner = try await session.query(
      "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()"
    ).text(0, 0)
    var roles = settable
    roles["pg_database_owner"] = nil
    roles[owner] = roles[owner] == true || wanted
    return roles
  }

  /// Makes the server ask anew who is a member of whom.
  ///
  /// While somebody logs in, `+rds_iam` of pg_hba.conf has it list the memberships of the login before it knows the
  /// database. The list stays until a membership changes or another role is asked about, and lacks `pg_database_owner`.
  static func forgetWhatLoginSaw(_ session: Session) async throws {
    try await session.execute("SELECT pg_has_role('pg_monitor', 'pg_signal_backend', 'MEMBER')")
  }

  /// The statement that borrows a role.
  func grant(_ role: Identifier) -> String {
    Action.grantRole(role: role, member: operatorRole, explicitOptions: explicitOptions).sql
  }

  /// The operator's memberships, in a stable order.
  func rows(_ session: Session) async throws -> [MembershipRow] {
    try await MembershipRow.all(explicitOptions: explicitOptions, session).filter {
      $0.member == operatorRole.name
    }
  }

  /// An expression that changes with any of the operator's memberships.
  func digest(_ session: Session) async throws -> String {
    let me = try await session.literal(operatorRole.name)
    let options = explicitOptions ? ", a.inherit_option, a.set_option" : ""
    return """
      (SELECT md5(coalesce(string_agg(concat_ws('/', a.roleid, a.grantor, a.admin_option\(options)), ',' \
      ORDER BY a.roleid, a.grantor), '')) FROM pg_auth_members a
      WHERE a.member = (SELECT oid FROM pg_roles WHERE rolname = \(me)))
      """
  }

  /// Grants the roles; returns what `giveBack` needs.
  func take(_ session: Session) async throws -> [MembershipRow] {
    guard !roles.isEmpty else { return [] }
    let before = try await rows(session)
    try await session.execute(roles.map(grant).joined(separator: ";\n"))
    return before
  }

  /// The statement that gives one role back, to a login that had `before`.
  func giveBack(_ role: Identifier, _ before: [MembershipRow]) -> String {
    let own = before.first { $0.role == role.name && $0.grantor == operatorRole.name }
    guard let inherit = own?.inherit, let set = own?.set else {
      return "REVOKE \(role.quoted) FROM \(operatorRole.quoted)"
    }
    return "GRANT \(role.quoted) TO \(operatorRole.quoted) WITH INHERIT \(inherit ? "TRUE" : "FALSE"), "
      + "SET \(set ? "TRUE" : "FALSE")"
  }

  /// The statements that restore every membership the operator had, and nothing else.
  func giveBackStatements(_ before: [MembershipRow], _ session: Session) async throws -> [String] {
    guard !roles.isEmpty else { return [] }
    return try await rows(session).compactMap { row in
      guard let role = roles.first(where: { $0.name == row.role }) else { return nil }
      return row.undo(before.first { $0.role == row.role && $0.grantor == row.grantor }, role, operatorRole)
    }
  }

  /// - Throws: `SetupProblem` when a row remains that was not there before; the caller rolls back.
  func giveBack(_ before: [MembershipRow], _ session: Session) async throws {
    let statements = try await giveBackStatements(before, session)
    if !statements.isEmpty { try await session.execute(statements.joined(separator: ";\n")) }
    guard !roles.isEmpty else { return }
    let borrowed = Set(roles.map(\.name))
    let after = try await rows(session).filter { borrowed.contains($0.role) }
    let expected = before.filter { borrowed.contains($0.role) }
    guard after == expected else {
      let extra = after.filter { !expected.contains($0) }.map { "\(operatorRole.name) → \($0.role)" }
      throw SetupProblem(
        .refused, "borrowed-membership-stays",
        "a membership that setup needs for a moment could not be given back: \(extra.joined(separator: ", "))",
        why: "a committed membership may lock \(operatorRole.name) out; nothing of this step was committed",
        fix: "run setup as a superuser or as a member of rds_superuser")
    }
  }
}
