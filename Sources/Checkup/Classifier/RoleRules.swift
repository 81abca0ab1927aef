internal import AccessModel
internal import Targets

/// What the database says about the role, once it is in.
enum RoleRules {
  static func findings(_ evidence: Evidence) -> [Finding] {
    guard let role = evidence.role else { return [] }
    return attributes(evidence, role) + memberships(evidence, role) + database(evidence, role)
      + objects(evidence, role)
  }

  private static func attributes(_ evidence: Evidence, _ role: RoleFacts) -> [Finding] {
    guard evidence.usesToken, let end = role.validUntil else { return [] }
    return [
      Finding(
        "role-valid-until", .warning, .certain, check: "role-attributes",
        reason: "VALID UNTIL \(UTCTime(end).iso8601) does not limit a login by token; it only looks as if",
        fix: "ALTER ROLE \"\(evidence.target.user)\" VALID UNTIL 'infinity';")
    ]
  }

  private static func memberships(_ evidence: Evidence, _ role: RoleFacts) -> [Finding] {
    guard role.isInActiveDirectoryRole, !role.iamPaths.isEmpty else { return [] }
    return [
      Finding(
        "role-rds-ad-both", .certain, check: "role-memberships",
        reason: "the role is in rds_iam and in rds_ad; only one of them can be its way in",
        fix: "REVOKE rds_ad FROM \"\(evidence.target.user)\";")
    ]
  }

  private static func database(_ evidence: Evidence, _ role: RoleFacts) -> [Finding] {
    let wantsWriter = ["read-write", "primary"].contains(
      evidence.target.settings["target_session_attrs"] ?? "")
    guard role.isInRecovery, evidence.endpoint?.endpoint?.kind == .cluster || wantsWriter else { return [] }
    return [
      Finding(
        "dns-stale-writer", .certain, check: "role-database",
        reason:
          "\(evidence.dialledName) promises a writer, and the server that answers is in recovery: the name still leads to the old one"
      )
    ]
  }

  private static func objects(_ evidence: Evidence, _ role: RoleFacts) -> [Finding] {
    guard role.unreadable > 0 else { return [] }
    let all = role.unreadable == role.objects
    let example = role.unreadableExample.map { ", such as \($0)" } ?? ""
    return [
      Finding(
        "obj-privileges", all ? .error : .warning, .certain, check: "role-objects",
        reason:
          "“\(evidence.target.user.escapedForDisplay)” is in, and cannot read \(role.unreadable) of \(role.objects) objects\(example)",
        fix:
          "dbauth-admin setup plan -h \(evidence.target.host?.name ?? "<host>") -U <master> -d \(evidence.target.database) --iam-user \(evidence.target.user)"
      )
    ]
  }
}
