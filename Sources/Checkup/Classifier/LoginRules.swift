internal import AccessModel
internal import Postgres
internal import Signing
internal import Targets

/// Why a login failed that came this far.
enum LoginRules {
  static func findings(_ evidence: Evidence, _ texts: KnownTexts) -> [Finding] {
    guard let login = evidence.login else { return [] }
    if let words = evidence.firstStatementFailure {
      return texts.findings(words, of: "role-attributes")
    }
    guard !login.succeeded else { return [] }
    let known = ServerTextRules.findings(login.sqlstate, login.message, check: "login-token", evidence)
    if !known.isEmpty { return known }
    let message = login.message.components(afterLast: "FATAL:  ")
    if login.sqlstate == "28000", message.contains("PAM authentication failed") {
      return refused(evidence, login)
    }
    if let pooled = pooler(evidence, message) { return pooled }
    if login.sqlstate == "28P01" { return wrongPassword(evidence, login, message) }
    if login.sqlstate == nil, login.timedOut || isCut(login.message) { return cut(evidence, login) }
    return texts.findings(login.message, of: "login-token")
  }

  private static func finding(
    _ id: String, _ confidence: Finding.Confidence, _ reason: String, fix: String? = nil,
    severity: Severity = .error
  ) -> Finding {
    Finding(id, severity, confidence, check: "login-token", reason: reason, fix: fix)
  }

  /// The token went to IAM, and IAM said no: what the token shows by itself has been looked at already.
  private static func refused(_ evidence: Evidence, _ login: LoginFacts) -> [Finding] {
    guard login.credential == .token || evidence.isOfAWS else {
      return [
        finding(
          "auth-unknown-user", .probable,
          "the server hands passwords to PAM, and its modules refused this one; no name here is AWS's",
          fix:
            "check \(password(evidence)), and read the server's log: PAM says there which module refused it")
      ]
    }
    guard login.credential == .token else {
      return [
        finding(
          "auth-pam-gets-password", .certain,
          "the server handed the password to PAM, so the user is in rds_iam")
      ]
    }
    let tunnel = tunnelPort(evidence)
    let fine =
      "the server asked for a clear-text password, so the user is in rds_iam; the token is whole, fresh and for this host"
      + (tunnel == nil ? ", port" : "") + ", user and region"
    var findings: [Finding] = []
    if let attempts = login.attempts, attempts.succeeded > 0 {
      findings.append(
        finding(
          "rds-low-memory", .probable,
          "the same token was refused \(attempts.made - attempts.succeeded) times in \(attempts.made) and accepted the other times: the host that asks IAM is short of memory, or throttled"
        ))
    }
    for fault in evidence.token?.faults ?? [] where fault.slug == .uppercaseHost {
      findings.append(finding(fault.slug.rawValue, .probable, fault.reason, fix: fault.fix))
    }
    if let tokenHost = evidence.target.tokenHost?.name, let real = NameRules.realEndpoint(evidence),
      real.lowercased() != tokenHost.lowercased()
    {
      findings.append(
        finding(
          "tok-wrong-host", .probable,
          "the token is for \(tokenHost), as --token-host says, and the endpoint that is dialled is \(real)",
          fix: "leave --token-host out"))
    }
    if let tunnel { findings.append(tunnel) }
    findings += [
      finding(
        "iam-not-authorized", .probable,
        "\(fine); so IAM refused it, most often because no policy allows rds-db:connect on this user")
    ]
    if case .found(_, let suffix, let isTemporary, let expiration, _)? = evidence.credentials {
      if isTemporary, expiration == nil {
        findings.append(
          finding(
            "tok-creds-expired", .possible,
            "the temporary credentials (key …\(suffix)) do not say when they end; they may have",
            fix: "aws sts get-caller-identity"))
      }
      findings.append(
        finding(
          "cred-wrong-identity", .possible,
          "key …\(suffix) may belong to another identity than the one with the policy",
          fix: "aws sts get-caller-identity"))
    }
    if evidence.endpoint?.endpoint?.kind != .instance {
      findings.append(
        finding(
          "iam-kind-mismatch", .possible,
          "the policy may name a resource of another kind than this endpoint's (db-, cluster-, prx-)",
          fix: "compare the resource id in the policy's dbuser: ARN with this endpoint's"))
    }
    if let size = evidence.token?.length, size > 2_047 {
      findings.append(
        finding(
          "tok-size-growth", .possible, "the token has \(size) bytes, more than some poolers pass on",
          fix: "log in once without the pooler, and compare"))
    }
    return findings
  }

  /// A token made here for a port that is only this end of a tunnel: what is dialled is not what the server verifies.
  private static func tunnelPort(_ evidence: Evidence) -> Finding? {
    guard let address = evidence.target.settings["hostaddr"], evidence.makesToken,
      evidence.target.tokenPort == nil, evidence.target.port != 5432
    else { return nil }
    let port = evidence.target.port
    let isHere = address.hasPrefix("127.") || address == "::1"
    let place = isHere ? "is this end of a tunnel" : "is dialled in place of the endpoint's own address"
    let endpoint = evidence.endpoint.map { ShellText.word($0.signed) } ?? "<endpoint>"
    return finding(
      "tok-wrong-port", .probable,
      "\(address.escapedForDisplay) \(place), and the token is signed for the port there, \(port), which the endpoint need not have",
      fix: "--token-host \(endpoint):5432")
  }

  /// PgBouncer's own words. It names no user, where PostgreSQL always does.
  private static func pooler(_ evidence: Evidence, _ message: String) -> [Finding]? {
    guard ["password authentication failed", "auth failed", "SASL authentication failed"].contains(message)
    else { return nil }
    if let size = evidence.token?.length, size > 2_047 {
      return [
        finding(
          "pool-pgb-length", .certain,
          "“\(message)” without a user is PgBouncer's, and it keeps 2,047 bytes of a password; this token has \(size)"
        )
      ]
    }
    return [
      finding(
        "pool-pgb-generic", .probable,
        "“\(message)” without a user is PgBouncer's; what is wrong stands in its own log and list of users")
    ]
  }

  private static func wrongPassword(_ evidence: Evidence, _ login: LoginFacts, _ message: String) -> [Finding]
  {
    let role = evidence.administration?.role
    if login.credential == .password, role?.hasExpired == true {
      return [
        finding(
          "role-valid-until", .certain,
          "VALID UNTIL of “\(evidence.target.user.escapedForDisplay)” has passed",
          fix:
            "an administrator sets another date: ALTER ROLE \(SQLText.identifier(evidence.target.user)) VALID UNTIL '<date>';"
        )
      ]
    }
    if let administration = evidence.administration, administration.failure == nil, role == nil {
      if let similar = administration.similar.first {
        return [
          finding(
            "role-case", .certain, "there is no such role, but “\(similar.escapedForDisplay)”",
            fix: "-U \(ShellText.word(similar))")
        ]
      }
      return [
        finding("auth-unknown-user", .certain, "there is no role “\(evidence.target.user.escapedForDisplay)”")
      ]
    }
    guard login.credential == .password else {
      if role?.isSuperuser == true {
        return [
          finding(
            "role-superuser-skip", .certain,
            "“\(evidence.target.user.escapedForDisplay)” is a superuser, whom +rds_iam does not match unless it was granted rds_iam by name"
          )
        ]
      }
      return [
        finding(
          "auth-not-in-rds-iam", .probable, "the server compared the token with a stored password",
          fix: IAMGrant.fix(evidence))
      ]
    }
    let wrong = finding(
      "auth-unknown-user", role == nil ? .probable : .possible,
      "the password is wrong"
        + (role == nil ? ", or there is no such user, which the server does not tell" : "") + ": \(message)",
      fix:
        "check \(password(evidence)); a new one is set with \\password in psql, as the user or by an administrator"
    )
    guard role == nil else { return [wrong] }
    return [
      wrong,
      finding(
        "role-valid-until", .possible, "VALID UNTIL may have passed: the client cannot see it, --admin can",
        fix: "SELECT rolvaliduntil FROM pg_roles WHERE rolname = \(SQLText.literal(evidence.target.user));"),
    ]
  }

  /// Where the password came from, as somebody would look for it.
  private static func password(_ evidence: Evidence) -> String {
    guard let source = evidence.password?.source else { return "PGPASSWORD" }
    return "the password (\(source))"
  }

  private static func isCut(_ text: String) -> Bool {
    [
      "server closed the connection", "SSL connection has been closed", "EOF detected",
      "Connection reset by peer", "Broken pipe",
    ]
    .contains { text.contains($0) }
  }

  /// The connection ended, or nothing came any more.
  private static func cut(_ evidence: Evidence, _ login: LoginFacts) -> [Finding] {
    let phase = login.phase.map(\.rawValue) ?? "the beginning"
    let waited = login.phaseDuration.inMilliseconds
    if let length = evidence.token?.length, length > 65_535 {
      return [
        finding(
          "tok-over-64k", .certain,
          "the token has \(length) bytes, and PostgreSQL takes no password message over 65,535")
      ]
    }
    if login.phase == .authentication || login.phase == .startup && evidence.answer?.asksForClearText == true
    {
      // authentication_timeout is 60 s by default, and can be a second; a network that cuts does not wait for it.
      if login.timedOut || login.phaseDuration > .seconds(2) {
        return [
          finding(
            "thr-auth-timeout", .probable,
            "the server had the token for \(waited) without an answer: its verification hangs")
        ]
      }
    }
    return [
      finding("tcp-closed-early", .certain, "the connection ended in the phase \(phase), after \(waited)")
    ]
  }
}
