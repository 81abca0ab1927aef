internal import AccessModel
internal import Postgres
internal import Signing
internal import Targets

extension CheckupRequest {
  /// Takes every secret that the run begins with out of a text, whoever it was meant for.
  var redactor: Redactor {
    var redactor = Redactor(settings.secrets)
    redactor.hide(givenPassword)
    redactor.hide(comparison?.password)
    if let administrator { redactor.hide(Redactor(administrator.settings.secrets)) }
    for variable in Self.secretVariables { redactor.hide(environment[variable].map { Secret($0) }) }
    return redactor
  }

  /// Variables of the environment that hold secrets, whether the run uses them or not.
  private static let secretVariables = [
    "PGPASSWORD", "DBAUTH_ADMIN_PASSWORD", "DBAUTH_COMPARE_PASSWORD", "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
  ]

  /// What stands in messages anyway. A password that is one of these is none.
  var publicNames: [String] {
    ["host", "hostaddr", "port", "user", "dbname"].compactMap { settings[$0] }
      + [administrator?.user].compactMap(\.self)
  }
}

extension AWSCredentials {
  /// What of them is secret.
  var redactor: Redactor { Redactor([secretAccessKey, sessionToken].compactMap(\.self)) }
}

extension CheckResult {
  /// The result as it may be shown: a server, a proxy or a library may have repeated what it was told in confidence.
  func redacted(by redactor: Redactor) -> CheckResult {
    var result = self
    result.message = redactor.redacted(message)
    result.evidence = evidence.map { EvidenceItem(redactor.redacted($0.name), redactor.redacted($0.value)) }
    result.findings = findings.map { finding in
      var finding = finding
      finding.reason = redactor.redacted(finding.reason)
      finding.fix = finding.fix.map(redactor.redacted)
      return finding
    }
    return result
  }
}
