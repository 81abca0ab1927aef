internal import AccessModel

/// What a server's error means, by SQLSTATE and text, wherever in a login it came.
///
/// NOLOGIN, CONNECTION LIMIT and everything about the database are looked at after authentication: seeing them means
/// that the token, or the password, was accepted.
enum ServerTextRules {
  static func findings(_ sqlstate: String?, _ text: String, check: String, _ evidence: Evidence) -> [Finding]
  {
    func finding(
      _ id: String, _ reason: String, _ confidence: Finding.Confidence = .certain, fix: String? = nil
    ) -> [Finding] {
      [Finding(id, confidence, check: check, reason: reason, fix: fix)]
    }
    let accepted = "authentication succeeded, and then the server said"
    let message = text.components(afterLast: "FATAL:  ")
    let isPlain = ["no encryption", "SSL off"].contains { message.contains($0) }
    if sqlstate == "57P03" {
      return finding("srv-starting", "the server says: \(message); this passes", .certain)
    }
    if message.contains("pg_hba.conf rejects connection") {
      if evidence.target.database == "rdsadmin" {
        return finding("db-no-accept", "the database rdsadmin is RDS's own: \(message)")
      }
      return isPlain
        ? finding(
          "hba-reject-plaintext", "a line of pg_hba.conf rejects members of rds_iam without TLS: \(message)",
          fix: "sslmode=verify-full")
        : finding("hba-noentry-encrypted", message)
    }
    if message.contains("no pg_hba.conf entry") {
      if message.contains("replication connection") { return finding("hba-replication", message) }
      return isPlain
        ? finding(
          "hba-noentry-plaintext",
          "without TLS no line of pg_hba.conf is for this login, and members of rds_iam would be rejected by name: \(message)",
          fix: "sslmode=verify-full")
        : finding(
          "hba-noentry-encrypted", "no line of pg_hba.conf is for this user, database and address: \(message)"
        )
    }
    if message.hasPrefix("role \""), message.hasSuffix("does not exist") {
      return finding("auth-unknown-user", "the server says: \(message)")
    }
    if message.contains("is not permitted to log in") {
      return finding(
        "role-nologin", "\(accepted): \(message)",
        fix: "ALTER ROLE \(SQLText.identifier(evidence.target.user)) LOGIN;")
    }
    if sqlstate == "53300" {
      if message.contains("too many connections for role") {
        return finding("role-connlimit", "\(accepted): \(message)")
      }
      if message.contains("too many connections for database") {
        return finding("db-connlimit", "\(accepted): \(message)")
      }
      return finding("srv-slots", "the server's connection slots are taken: \(message)")
    }
    if sqlstate == "3D000" { return finding("db-missing", "\(accepted): \(message)") }
    if sqlstate == "42501", message.contains("permission denied for database") {
      return finding(
        "db-connect-denied", "\(accepted): \(message)",
        fix:
          "GRANT CONNECT ON DATABASE \(SQLText.identifier(evidence.target.database)) TO \(SQLText.identifier(evidence.target.user));"
      )
    }
    if sqlstate == "55000", message.contains("not currently accepting connections") {
      return finding("db-no-accept", "\(accepted): \(message)")
    }
    if message.contains("must be superuser or replication role")
      || message.contains("permission denied to start WAL sender")
    {
      return finding("hba-replication", message)
    }
    return []
  }
}

extension String {
  /// What follows the last occurrence of a text, or all of it.
  func components(afterLast separator: String) -> String {
    var rest = self[...]
    while let range = rest.firstRange(of: separator) { rest = rest[range.upperBound...] }
    return String(rest)
  }
}
