public import Checkup

/// A run of `doctor` as SARIF 2.1.0: a rule for each diagnosis that was made, a result for each finding.
///
/// A finding about a line of a file has that place. Others have the check as a logical location, and the file that
/// described the target if there is one: GitHub's code scanning refuses a document in which a result has no file.
public struct CheckReportSARIF: Sendable {
  let report: CheckReport
  let file: String?

  /// - Parameter file: the file that describes the target, `dbauth.yaml` for instance, as a path from the repository's
  ///   root; nil when there is none.
  public init(_ report: CheckReport, file: String? = nil) {
    self.report = report
    self.file = file
  }

  public var text: String {
    let rules = rules
    let driver: JSONValue = .object([
      "name": .string("dbauth-admin"), "version": .string(report.tool.version),
      "rules": .array(rules.map(Self.rule)),
    ])
    let results =
      report.findings.map { result($0, rules, ignored: nil) }
      + report.ignoredFindings.map { result($0.finding, rules, ignored: $0.reason) }
    let run: JSONValue = .object([
      "tool": .object(["driver": driver]),
      // The part before the last slash is what GitHub calls the category.
      "automationDetails": .object(["id": .string("doctor/\(report.target.hostAndPort)/")]),
      "invocations": .array([invocation]),
      "results": .array(results),
    ])
    return JSONValue.object([
      "$schema": .string(
        "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"),
      "version": .string("2.1.0"), "runs": .array([run]),
    ]).pretty
  }

  /// The diagnoses that were made, each once.
  private var rules: [Finding] {
    var seen: Set<String> = []
    return (report.findings + report.ignoredFindings.map(\.finding)).filter { seen.insert($0.id).inserted }
  }

  private static func rule(_ finding: Finding) -> JSONValue {
    .object([
      "id": .string(finding.id),
      "shortDescription": .object(["text": .string(finding.heading)]),
      "help": .object(["text": .string("Run: \(finding.more)"), "markdown": .string("Run `\(finding.more)`")]
      ),
      "defaultConfiguration": .object(["level": .string(finding.severity.rawValue)]),
    ])
  }

  private func result(_ finding: Finding, _ rules: [Finding], ignored: String?) -> JSONValue {
    var members: KeyValuePairs<String, JSONValue> {
      [
        "ruleId": .string(finding.id),
        "ruleIndex": .integer(rules.firstIndex { $0.id == finding.id } ?? -1),
        "level": .string(finding.severity.rawValue),
        "message": .object(["text": .string(message(finding))]),
        "locations": .array([location(finding)]),
        "partialFingerprints": .object([
          "finding/v1": .string("\(finding.id) \(finding.check) \(report.target.hostAndPort)")
        ]),
        "properties": .object([
          "check": .string(finding.check), "confidence": .string(finding.confidence.word),
          "rootCause": .bool(ignored == nil && finding == report.rootCause),
        ]),
      ]
    }
    var all = members.map { JSONValue.Member(name: $0, value: $1) }
    if let ignored {
      let suppression: JSONValue = .object([
        "kind": .string("external"),
        "justification": .string(ignored.isEmpty ? "ignored, without a reason" : ignored),
      ])
      all.append(.init(name: "suppressions", value: .array([suppression])))
    }
    return .object(all)
  }

  private func message(_ finding: Finding) -> String {
    let fix = finding.fix.map { "\nFix: \($0)" } ?? ""
    return "\(finding.heading): \(finding.reason)\(fix)"
  }

  private func location(_ finding: Finding) -> JSONValue {
    let place = finding.location ?? file.map { FileLocation(path: $0) }
    let logical: JSONValue = .object([
      "name": .string(finding.check),
      "fullyQualifiedName": .string("\(report.target.hostAndPort)/\(finding.check)"),
      "kind": .string("resource"),
    ])
    var members = [JSONValue.Member(name: "logicalLocations", value: .array([logical]))]
    if let place {
      let region: JSONValue = .object(["startLine": .integer(max(place.line ?? 1, 1))])
      let physical: JSONValue = .object([
        "artifactLocation": .object(["uri": .string(Self.uri(place.path))]), "region": region,
      ])
      members.append(.init(name: "physicalLocation", value: physical))
    }
    return .object(members)
  }

  /// A relative reference, or a file URI for an absolute path (RFC 3986, with only unreserved characters left as they are).
  static func uri(_ path: String) -> String {
    var uri = path.hasPrefix("/") ? "file://" : ""
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"), UInt8(ascii: "/"):
        uri.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        uri += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return uri
  }

  /// Whether the run could do what it was asked to, and what it could not tell.
  private var invocation: JSONValue {
    let unknown = report.checks.filter { $0.status == .unknown && $0.ignored == nil }
    let notifications: [JSONValue] = unknown.map { check in
      .object([
        "level": .string("warning"), "descriptor": .object(["id": .string(check.id)]),
        "message": .object(["text": .string("could not tell whether \(check.claim): \(check.message)")]),
      ])
    }
    return .object([
      "executionSuccessful": .bool(report.verdict != .incomplete),
      "toolExecutionNotifications": .array(notifications),
    ])
  }
}
