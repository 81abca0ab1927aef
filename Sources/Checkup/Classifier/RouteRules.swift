internal import AccessModel
internal import Postgres
internal import Targets

/// What the first answer says about the way through `pg_hba.conf`.
enum RouteRules {
  static func findings(_ evidence: Evidence, _ texts: KnownTexts) -> [Finding] {
    method(evidence, texts) + preference(evidence) + administrator(evidence)
  }

  private static func method(_ evidence: Evidence, _ texts: KnownTexts) -> [Finding] {
    guard let answer = evidence.answer else { return [] }
    let check = "route-method"
    switch answer {
    case .authentication(let code, _):
      if case .authentication(code: 10, let mechanisms) = answer,
        !mechanisms.contains(where: { $0.hasPrefix("SCRAM") })
      {
        return [
          Finding(
            "auth-method-unsupported", .certain, check: check,
            reason:
              "the server offers \(mechanisms.joined(separator: ", ")) and no SCRAM; neither tokens nor passwords answer that"
          )
        ]
      }
      if evidence.usesToken, answer.asksForStoredPassword { return notRouted(evidence, answer) }
      if !evidence.usesToken, let finding = ruledOut(evidence, answer) { return [finding] }
      if !evidence.usesToken, evidence.isRoutedToIAM { return routedUnexpectedly(evidence) }
      if ![0, 3, 5, 10].contains(code) {
        return [
          Finding(
            "auth-method-unsupported", .certain, check: check,
            reason:
              "the server asks for authentication method \(code), which neither tokens nor passwords answer")
        ]
      }
      return []
    case .error(let message):
      let known = ServerTextRules.findings(message.sqlstate, message.message, check: check, evidence)
      return known.isEmpty ? texts.findings(message.message, of: check) : known
    case .closed, .lost:
      return [
        Finding(
          "tcp-closed-early", .certain, check: check,
          reason: "the connection ended after the startup message, without an answer")
      ]
    case .silent:
      return [
        Finding("tcp-timeout", .probable, check: check, reason: "nothing came after the startup message")
      ]
    case .foreign(let bytes):
      return [Finding("tcp-other-protocol", .certain, check: check, reason: "the peer said \(bytes.shown)")]
    }
  }

  /// The login may not take part in what the server asks for.
  private static func ruledOut(_ evidence: Evidence, _ answer: FirstAnswer) -> Finding? {
    guard let methods = evidence.target.settings.requiredMethods, let method = answer.method,
      !methods.allows(method)
    else { return nil }
    return Finding(
      "auth-require-auth", .certain, check: "route-method",
      reason: "\(methods.ruling(out: method)), the method that the server asks for",
      fix: "find out why the server asks for \(method); if it may, add that to require_auth")
  }

  /// A token is at hand, and the server wants a password of its own.
  private static func notRouted(_ evidence: Evidence, _ answer: FirstAnswer) -> [Finding] {
    let check = "route-method"
    let user = evidence.target.user.escapedForDisplay
    let asked = "the server asks for \(answer.method ?? "a stored password") instead of a clear-text password"
    func finding(_ id: String, _ confidence: Finding.Confidence, _ reason: String, fix: String? = nil)
      -> Finding
    {
      Finding(
        id, confidence, check: check, reason: "\(asked), so the token is never looked at; \(reason)", fix: fix
      )
    }
    let quoted = SQLText.identifier(evidence.target.user)
    guard let administration = evidence.administration, administration.failure == nil else {
      let folded = evidence.target.user != evidence.target.user.lowercased()
      return [
        finding(
          "auth-not-in-rds-iam", .probable,
          "“\(user)” is not in rds_iam, or does not exist: the answer is the same on purpose; --admin tells them apart",
          fix: IAMGrant.fix(evidence)),
        finding(
          "auth-unknown-user", .possible, "there may be no role “\(user)”",
          fix: IAMGrant.search(evidence.target.user)),
      ]
        + (folded
          ? [
            finding(
              "role-case", .possible, "the name has capitals, which SQL folds unless it is quoted",
              fix: IAMGrant.search(evidence.target.user))
          ]
          : [])
    }
    guard let role = administration.role else {
      if let similar = administration.similar.first {
        return [
          finding(
            "role-case", .certain, "there is no role “\(user)”, but “\(similar.escapedForDisplay)”",
            fix: "-U \(ShellText.word(similar))")
        ]
      }
      return [
        finding(
          "auth-unknown-user", .certain, "there is no role “\(user)”",
          fix: "CREATE ROLE \(quoted) LOGIN; GRANT rds_iam TO \(quoted);")
      ]
    }
    if role.isSuperuser {
      return [
        finding(
          "role-superuser-skip", .certain,
          "“\(user)” is a superuser, whom +rds_iam does not match unless it was granted rds_iam by name")
      ]
    }
    if !administration.hasIAMRole {
      return [
        finding("rds-iam-off", .probable, "there is no role rds_iam: IAM authentication is not enabled here")
      ]
    }
    if role.iamPaths.isEmpty {
      return [
        finding(
          "auth-not-in-rds-iam", .certain, "“\(user)” exists and is not in rds_iam",
          fix: IAMGrant.fix(evidence))
      ]
    }
    let path = role.iamPaths.first?.joined(separator: " → ") ?? ""
    let rule = administration.rule.map { "; \($0) is the one that counts" } ?? ""
    return [
      finding(
        "rds-iam-off", .probable,
        "“\(user)” is in rds_iam (\(path)), and pg_hba.conf sends it elsewhere all the same\(rule): IAM authentication is not switched on"
      )
    ]
  }

  /// A password is at hand, and the server would hand it to IAM.
  private static func routedUnexpectedly(_ evidence: Evidence) -> [Finding] {
    let check = "route-method"
    let user = evidence.target.user.escapedForDisplay
    let asked =
      "the server asks for a clear-text password, so “\(user)” is in rds_iam and its password is not looked at"
    if let role = evidence.administration?.role, let path = role.iamPaths.first {
      if role.iamPaths.allSatisfy({ $0.count > 2 }) {
        return [
          Finding(
            "role-nested-rds-iam", .certain, check: check,
            reason: "\(asked); the way is \(path.joined(separator: " → "))",
            fix: "REVOKE \(SQLText.identifier(path[1])) FROM \(SQLText.identifier(path[0]));",
            consequences: ["auth-pam-gets-password"])
        ]
      }
    }
    if let role = evidence.administration?.role, role.isAdministrator, let path = role.iamPaths.first {
      return [
        Finding(
          "role-master-in-rds-iam", .certain, check: check,
          reason: "\(asked); and “\(user)” administers this server: \(path.joined(separator: " → "))",
          fix:
            "as another administrator: REVOKE \(SQLText.identifier(path[1])) FROM \(SQLText.identifier(path[0]));",
          consequences: ["auth-pam-gets-password"])
      ]
    }
    return [
      Finding(
        "auth-pam-gets-password", .certain, check: check, reason: asked,
        fix:
          "use a token (leave out --password-from-env), or: REVOKE rds_iam FROM \(SQLText.identifier(evidence.target.user));"
      )
    ]
  }

  /// prefer and allow hide one error behind another.
  private static func preference(_ evidence: Evidence) -> [Finding] {
    guard let tls = evidence.tls, ["prefer", "allow"].contains(tls.asked), evidence.usesToken,
      let encrypted = evidence.encryptedAnswer, encrypted.asksForClearText,
      let plain = evidence.plaintextAnswer, case .error(let message) = plain
    else { return [] }
    let reason =
      tls.asked == "prefer"
      ? "sslmode=prefer tries again without TLS after a refusal, and then shows “\(message.message)” instead of the reason"
      : "sslmode=allow tries without TLS first, and shows “\(message.message)” with every other error"
    return [
      Finding(
        "hba-double-message", .warning, .certain, check: "route-method", reason: reason,
        fix: "sslmode=verify-full")
    ]
  }

  private static func administrator(_ evidence: Evidence) -> [Finding] {
    guard let administration = evidence.administration else { return [] }
    let user = administration.user.escapedForDisplay
    if let failure = administration.failure {
      guard failure.sqlstate == "28000", failure.message.contains("PAM authentication failed") else {
        return []
      }
      return [
        Finding(
          "role-master-in-rds-iam", .probable, check: "route-rules",
          reason:
            "the administrator “\(user)” logs in with a password, and the server handed it to IAM: it has got into rds_iam"
        )
      ]
    }
    var findings: [Finding] = []
    if let path = administration.ownIAMPaths.first {
      findings.append(
        Finding(
          "role-master-in-rds-iam", .certain, check: "route-rules",
          reason:
            "the administrator “\(user)” is in rds_iam: \(path.joined(separator: " → ")); its next login by password will be refused",
          fix: "REVOKE \(SQLText.identifier(path[1])) FROM \(SQLText.identifier(path[0]));"))
    }
    if let role = administration.role, role.isInActiveDirectoryRole, !role.iamPaths.isEmpty {
      findings.append(
        Finding(
          "role-rds-ad-both", .certain, check: "route-rules",
          reason:
            "“\(role.name.escapedForDisplay)” is in rds_iam and in rds_ad; only one of them can be its way in",
          fix: "REVOKE rds_ad FROM \(SQLText.identifier(role.name));"))
    }
    return findings
  }
}
