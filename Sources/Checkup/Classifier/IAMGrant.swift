internal import AccessModel
internal import Targets

/// What to do for a user whom a token should let in, and who is not in `rds_iam`.
enum IAMGrant {
  /// Names that masters commonly have, where no administrator can be asked who is one.
  private static let masters: Set<String> = ["postgres", "admin", "root", "master", "rdsadmin"]

  /// A grant, with what it costs; none for who administers the server, because a member's password is refused and
  /// a master that depends on IAM can lock everybody out.
  static func fix(_ evidence: Evidence) -> String {
    let user = evidence.target.user
    let administers = evidence.administration?.role?.isAdministrator ?? masters.contains(user.lowercased())
    guard !administers else {
      return
        "this user administers the server: log in with its password (--password-from-env), or use another user for tokens"
    }
    return "GRANT rds_iam TO \(SQLText.identifier(user));  -- its password stops working then"
  }

  /// Looks for the role in any spelling; changes nothing.
  static func search(_ user: String) -> String {
    "SELECT quote_ident(rolname) FROM pg_roles WHERE lower(rolname) = lower(\(SQLText.literal(user)));"
  }
}
