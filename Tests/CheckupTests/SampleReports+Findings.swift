import Checkup

extension Samples {
  private static func replacing(_ checks: [CheckResult], with others: [CheckResult]) -> [CheckResult] {
    checks.map { check in others.first { $0.id == check.id } ?? check }
  }

  /// An alias that no certificate names: a root cause, what follows from it, and a finding of its own.
  static let failing: CheckReport = {
    let name = Finding(
      "tls-name-mismatch", .error, .certain, check: "tls-name",
      reason: "verify-full compares db.example.com with the certificate, which names only \(endpoint)",
      fix: """
        dial the endpoint at the alias's address:
          psql 'host=\(endpoint) hostaddr=10.0.1.17 sslmode=verify-full user=iamuser dbname=orders'
        """,
      title: "The certificate does not name the host that was dialled",
      consequences: ["auth-alias-signed", "timing-over-budget"])
    let signed = Finding(
      "auth-alias-signed", .error, .probable, check: "login-token",
      reason: "the token would be signed for db.example.com, which is an alias",
      fix: "dbauth-admin token rds --host \(endpoint)", title: "The token is signed for an alias")
    let stale = Finding(
      "tls-stale-bundle", .warning, .possible, check: "tls-bundle",
      reason: "2 of 121 roots expire within 90 days", fix: "download global-bundle.pem again",
      title: "The trust bundle is old", location: FileLocation(path: "deploy/dbauth.yaml", line: 12))
    var target = Samples.target
    target.host = "db.example.com"
    var modes = healthyModes
    modes[5] = SSLModeOutcome(
      mode: "verify-full", connects: false, encrypted: true, verified: false,
      reason: "the certificate names \(endpoint) only")
    let checks = replacing(
      healthyChecks,
      with: [
        CheckResult(
          id: "tls-name", stage: .tls, claim: "the certificate names the host", status: .fail,
          message: "the certificate does not name db.example.com",
          evidence: [
            EvidenceItem("dialled", "db.example.com"), EvidenceItem("subject alternative names", endpoint),
            EvidenceItem("address", "10.0.1.17"), EvidenceItem("address", "10.0.2.17"),
          ],
          findings: [
            name,
            Finding(
              "dns-two-servers-one-name", .error, .possible, check: "tls-name",
              reason: "two addresses answer to the name", title: "Two servers answer to one name"),
          ], requires: ["tls-offered"], duration: .microseconds(84)),
        CheckResult(
          id: "tls-bundle", stage: .tls, claim: "the root file is healthy", status: .warn,
          message: "2 of 121 roots expire within 90 days", findings: [stale], duration: .microseconds(900)),
        CheckResult(
          id: "login-token", stage: .login, claim: "the user can log in with a token", status: .fail,
          message: "the server did not take the token",
          evidence: [
            EvidenceItem("server", "FATAL:  PAM authentication failed for user \"iamuser\""),
            EvidenceItem("sqlstate", "28000"),
          ], findings: [signed], requires: ["token-facts"], duration: .milliseconds(92)),
      ]
        + ["role-attributes", "role-memberships", "role-database", "role-objects"].map {
          skip($0, .privileges, "the role is as it should be", needs: ["login-token"])
        } + [
          skip("timing-phases", .timing, "the phases take what the protocol needs", needs: ["login-token"])
        ])
    return CheckReport(
      verdict: .fail, target: target, tool: tool, phases: Array(phases.prefix(5)), checks: checks,
      findings: [name, signed, stale], sslModes: modes, duration: .milliseconds(1_482))
  }()

  /// It works, and could be better: ten samples, an sslmode that means more than it says, two warnings.
  static let warnings: CheckReport = {
    let retry = Finding(
      "tls-hello-retry", .warning, .certain, check: "timing-phases",
      reason: "the server answered the first ClientHello with a HelloRetryRequest",
      fix: "put Groups = P-256:X25519 into the section that OPENSSL_CONF names",
      title: "The TLS handshake takes one round trip more")
    let requires = Finding(
      "tls-require-verifies", .warning, .certain, check: "config-tls",
      reason: "sslrootcert is set, so require verifies the chain", title: "sslmode=require acts as verify-ca")
    var target = Samples.target
    (target.sslMode, target.effectiveSSLMode) = ("require", "verify-ca")
    let checks = replacing(
      healthyChecks,
      with: [
        CheckResult(
          id: "config-tls", stage: .config, claim: "the TLS settings make sense", status: .warn,
          message: "require with a root file acts as verify-ca",
          evidence: [EvidenceItem("sslmode", "require, from PGSSLMODE")], findings: [requires]),
        CheckResult(
          id: "timing-phases", stage: .timing, claim: "the phases take what the protocol needs",
          status: .warn,
          message: "TLS takes 3 round trips instead of 2", findings: [retry], requires: ["login-token"]),
      ])
    let sampled = phases.map { phase in
      PhaseTime(
        phase: phase.phase, duration: phase.duration,
        samples: (0..<10).map { phase.duration + .microseconds(97 * $0 - 291) },
        roundTrips: phase.phase == .tls ? 2 : phase.roundTrips)
    }
    return CheckReport(
      verdict: .warn, target: target, tool: tool, phases: sampled, checks: checks,
      findings: [retry, requires],
      sslModes: healthyModes, duration: .milliseconds(3_100))
  }()

  /// Nothing failed that counts: one check could not tell, one is ignored, others were not run.
  static let incomplete: CheckReport = {
    let expiry = Finding(
      "tls-expiring", .warning, .certain, check: "tls-expiry", reason: "the certificate expires in 12 days",
      fix: "aws rds modify-db-instance --ca-certificate-identifier rds-ca-rsa2048-g1",
      title: "The certificate expires soon")
    var checks = replacing(
      healthyChecks,
      with: [
        CheckResult(
          id: "tls-expiry", stage: .tls, claim: "the certificate is valid for a while", status: .warn,
          message: "12 days left", findings: [expiry], requires: ["tls-offered"],
          ignored: "rotation is planned for Monday"),
        CheckResult(
          id: "tls-versions", stage: .tls, claim: "no TLS version is refused", status: .fail,
          message: "TLSv1.2 is refused",
          findings: [], requires: ["tls-offered"], ignored: ""),
        CheckResult(
          id: "cred-chain", stage: .credentials, claim: "there are AWS credentials", status: .unknown,
          message: "the instance metadata service did not answer within 1 s",
          evidence: [
            EvidenceItem("asked", "environment: no AWS_ACCESS_KEY_ID"),
            EvidenceItem("asked", "instance metadata: 169.254.169.254 timed out"),
          ], duration: .seconds(1)),
        skip("token-facts", .token, "the token fits the target", needs: ["cred-chain"]),
        skip("login-token", .login, "the user can log in with a token", needs: ["token-facts"]),
      ]
        + ["role-attributes", "role-memberships", "role-database", "role-objects"].map {
          skip($0, .privileges, "the role is as it should be", needs: ["login-token"])
        })
    checks.removeAll { $0.stage == .timing }
    return CheckReport(
      verdict: .incomplete, target: target, tool: tool, checks: checks, sslModes: healthyModes,
      duration: .milliseconds(1_204))
  }()

  /// What a server, a file or a user can put into a report to break its reader.
  static let hostile: CheckReport = {
    let nasty =
      "\"quoted\" 'single' 50% ::error title=x::y ##[error]z ]]> </failure> <b>&amp;</b> | `code` [a](b) *b*\r\n"
      + "::set-env name=A::B\u{1B}[31m\u{0}\u{7}\u{FFFE} \u{202E}rtl\u{2069} 👩‍💻 漢字 \\ \u{2028}end\u{85}"
    let finding = Finding(
      "hba-reject,plaintext:x", .error, .possible, check: "route-plaintext", reason: nasty,
      fix: "  echo '```'\n\(nasty)",
      title: nasty, location: FileLocation(path: "a b/50%,c:d/é\n.yaml", line: 3), consequences: [])
    let target = TargetSummary(
      host: "fe80::1\n::error::x", port: 5432, user: "ev|il\u{1B}]0;title\u{7}", database: "<db>",
      sslMode: "prefer",
      effectiveSSLMode: "prefer")
    return CheckReport(
      verdict: .fail, target: target, tool: tool,
      checks: [
        CheckResult(
          id: "route-plaintext", stage: .route, claim: nasty, status: .fail, message: nasty,
          evidence: [EvidenceItem("na\nme", nasty), EvidenceItem("empty", "")], findings: [finding]),
        CheckResult(
          id: "route-method", stage: .route, claim: nasty, status: .skip, message: nasty, missing: ["a|b"]),
        CheckResult(
          id: "route-rules", stage: .route, claim: nasty, status: .warn, message: nasty, findings: [finding],
          ignored: nasty),
        CheckResult(id: "login-token", stage: .login, claim: nasty, status: .unknown, message: nasty),
      ], findings: [finding],
      sslModes: [
        SSLModeOutcome(mode: "disable", connects: false, encrypted: false, verified: false, reason: nasty)
      ],
      duration: .microseconds(1))
  }()
}
