internal import Checkup

/// What is shown of a finding wherever it is shown.
extension Finding {
  /// The page's title, or its id as long as there is no page.
  var heading: String { title.isEmpty ? id : title }

  /// What to type to read the page.
  var more: String { "dbauth-admin explain \(id)" }

  /// `dbauth.yaml:12`.
  var place: String? {
    location.map { place in place.line.map { "\(place.path):\($0)" } ?? place.path }
  }
}

extension Finding.Confidence {
  /// The word in JSON and SARIF.
  var word: String {
    switch self {
    case .possible: "possible"
    case .probable: "probable"
    case .certain: "certain"
    }
  }
}

extension CheckReport {
  /// The findings that the root cause does not explain, in their order.
  var others: [Finding] {
    guard let rootCause else { return [] }
    return findings.dropFirst().filter { !folded(under: rootCause, $0) }
  }

  /// The findings that would go with `cause`, as far as they were seen.
  func consequences(of cause: Finding) -> [Finding] {
    findings.filter { folded(under: cause, $0) }
  }

  private func folded(under cause: Finding, _ finding: Finding) -> Bool {
    finding.id != cause.id && cause.consequences.contains(finding.id)
  }

  /// The findings that the user said do not count, with the reason that was given.
  var ignoredFindings: [(finding: Finding, reason: String)] {
    checks.flatMap { check in check.ignored.map { reason in check.findings.map { ($0, reason) } } ?? [] }
  }

  func count(_ status: CheckStatus) -> Int {
    checks.count { $0.status == status && $0.ignored == nil }
  }

  var ignoredCount: Int { checks.count { $0.ignored != nil } }
}

extension TargetSummary {
  /// `db.example.com:5432`, an IPv6 address in brackets.
  var hostAndPort: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

extension CheckResult {
  /// The message, or why there is none.
  var summary: String {
    if let ignored {
      let reason = ignored.isEmpty ? "ignored" : "ignored (\(ignored))"
      // The diagnoses by name: what is ignored is never hidden.
      let names = findings.map(\.id)
      let what = names.isEmpty || names == [id] ? message : "\(names.joined(separator: ", ")): \(message)"
      return what.isEmpty ? reason : "\(reason): \(what)"
    }
    guard status == .skip else { return message.isEmpty ? claim : message }
    if !missing.isEmpty { return "skipped (needs \(missing.joined(separator: ", ")))" }
    return message.isEmpty ? "skipped" : "skipped: \(message)"
  }
}
