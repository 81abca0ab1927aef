internal import Postgres

/// One row of `pg_auth_members`; the options exist from PostgreSQL 16 on.
public struct MembershipRow: Codable, Sendable, Equatable {
  public var role: String
  public var member: String
  public var grantor: String
  public var admin: Bool
  public var inherit: Bool?
  public var set: Bool?
}

extension MembershipRow {
  /// Every row, in a stable order.
  static func all(explicitOptions: Bool, _ session: Session) async throws -> [MembershipRow] {
    let options = explicitOptions ? "a.inherit_option, a.set_option" : "NULL::bool, NULL::bool"
    let rows = try await session.query(
      """
      SELECT r.rolname, m.rolname, pg_get_userbyid(a.grantor), a.admin_option, \(options)
      FROM pg_auth_members a JOIN pg_roles r ON r.oid = a.roleid JOIN pg_roles m ON m.oid = a.member
      ORDER BY 1, 2, 3
      """)
    return rows.map { row in
      MembershipRow(
        role: rows.text(row, 0), member: rows.text(row, 1), grantor: rows.text(row, 2),
        admin: rows.flag(row, 3),
        inherit: rows[row, 4].map { $0 == "t" }, set: rows[row, 5].map { $0 == "t" })
    }
  }

  /// The statement that makes this row what it was; nil when it is that already.
  func undo(_ former: MembershipRow?, _ role: Identifier, _ member: Identifier) -> String? {
    guard let former else { return "REVOKE \(role.quoted) FROM \(member.quoted)" }
    guard former != self, let inherit = former.inherit, let set = former.set else { return nil }
    return "GRANT \(role.quoted) TO \(member.quoted) WITH INHERIT \(inherit ? "TRUE" : "FALSE"), "
      + "SET \(set ? "TRUE" : "FALSE")"
  }
}
