public import Checkup

/// A run of `doctor` as JUnit XML: a test case for each check, in the form of Jenkins's `junit-10.xsd`.
///
/// A check that could not tell is an error, one that did not run is skipped, and so is one whose findings the user said
/// do not count.
public struct CheckReportJUnit: Sendable {
  let report: CheckReport
  let failsOnWarnings: Bool

  /// - Parameter failsOnWarnings: whether a warning is a failed test, as with `--fail-on warn`.
  public init(_ report: CheckReport, failsOnWarnings: Bool = false) {
    self.report = report
    self.failsOnWarnings = failsOnWarnings
  }

  public var text: String {
    let cases = report.checks.map { testCase($0) }
    let counts = [
      ("tests", report.checks.count),
      ("failures", report.checks.count { outcome($0) == .failure }),
      ("errors", report.checks.count { outcome($0) == .error }),
    ].map { ($0, String($1)) }
    let time = ("time", report.duration.seconds)
    let suite = XMLElement(
      "testsuite",
      [("name", "doctor \(report.target.hostAndPort)")] + counts
        + [("skipped", String(report.checks.count { outcome($0) == .skipped })), time],
      children: [XMLElement("properties", children: properties)] + cases)
    return XMLElement("testsuites", [("name", "dbauth-admin doctor")] + counts + [time], children: [suite])
      .document
  }

  private enum Outcome { case passed, skipped, failure, error }

  private func outcome(_ check: CheckResult) -> Outcome {
    if check.ignored != nil { return .skipped }
    switch check.status {
    case .pass: return .passed
    case .warn: return failsOnWarnings ? .failure : .passed
    case .fail: return .failure
    case .skip: return .skipped
    case .unknown: return .error
    }
  }

  private func testCase(_ check: CheckResult) -> XMLElement {
    XMLElement(
      "testcase",
      [
        ("name", check.id), ("classname", "doctor.\(check.stage.rawValue)"), ("time", check.duration.seconds),
      ],
      children: inside(check))
  }

  private func inside(_ check: CheckResult) -> [XMLElement] {
    let finding = check.findings.first
    switch outcome(check) {
    case .passed where check.status == .warn:
      return [XMLElement("system-out", text: "warning: \(check.summary)\n\(detail(check))")]
    case .passed: return check.message.isEmpty ? [] : [XMLElement("system-out", text: check.message)]
    case .skipped:
      let detail = check.ignored == nil ? "" : detail(check)
      return [XMLElement("skipped", [("message", check.summary)], text: detail)]
    case .failure:
      let message = finding.map { "\($0.heading): \($0.reason)" } ?? check.summary
      return [
        XMLElement("failure", [("message", message), ("type", finding?.id ?? check.id)], text: detail(check))
      ]
    case .error:
      return [XMLElement("error", [("message", check.summary), ("type", "unknown")], text: detail(check))]
    }
  }

  /// The claim that did not hold, and what the text report says below the check.
  private func detail(_ check: CheckResult) -> String {
    "expected: \(check.claim)\nseen:     \(check.message)\n"
      + CheckDetailText(check: check, style: .plain, indent: 0).text
  }

  private var properties: [XMLElement] {
    [
      ("verdict", report.verdict.rawValue), ("diagnosis", report.rootCause?.id ?? ""),
      ("version", report.tool.version), ("libpq", report.tool.libpq), ("openssl", report.tool.openssl),
    ].map { XMLElement("property", [("name", $0), ("value", $1)]) }
  }
}
