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
    let user = SQLText.identifier(evidence.target.user)
    return [
      Finding(
        "role-valid-until", .warning, .certain, check: "role-attributes",
        reason: "VALID UNTIL \(UTCTime(end).iso8601) does not limit a login by token; it only looks as if",
        fix:
          "-- at \(UTCTime(end).iso8601): ALTER ROLE \(user) NOLOGIN; or now, in the IAM policy, a condition DateLessThan on aws:CurrentTime"
      )
    ]
  }

  private static func memberships(_ evidence: Evidence, _ role: RoleFacts) -> [Finding] {
    guard role.isInActiveDirectoryRole, !role.iamPaths.isEmpty else { return [] }
    return [
      Finding(
        "role-rds-ad-both", .certain, check: "role-memberships",
        reason: "the role is in rds_iam and in rds_ad; only one of them can be its way in",
        fix: "REVOKE rds_ad FROM \(SQLText.identifier(evidence.target.user));")
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
    // A role that may read some was probably given just those.
    guard role.objects > 0, role.unreadable == role.objects else { return [] }
    let example = role.unreadableExample.map { ", such as \($0)" } ?? ""
    return [
      Finding(
        "obj-privileges", .certain, check: "role-objects",
        reason:
          "“\(evidence.target.user.escapedForDisplay)” is in, and cannot read \(role.unreadable) of \(role.objects) objects\(example)",
        fix: evidence.usesToken ? plan(evidence.target) : grants(evidence.target))
    ]
  }

  private static func plan(_ target: TargetFacts) -> String {
    let host = target.host.map { ShellText.word($0.name) } ?? "<host>"
    let port = target.port == 5432 ? "" : " -p \(target.port)"
    return "dbauth-admin setup plan -h \(host)\(port) -U <master> -d \(ShellText.word(target.database)) "
      + "--iam-user \(ShellText.word(target.user))"
  }

  private static func grants(_ target: TargetFacts) -> String {
    let user = SQLText.identifier(target.user)
    return
      "GRANT USAGE ON SCHEMA <schema> TO \(user); GRANT SELECT ON ALL TABLES IN SCHEMA <schema> TO \(user);"
  }
}
