public import Checkup

/// A run of `doctor` for scripts: the document that `Documentation/doctor.schema.json` describes.
public struct CheckReportJSON: Sendable {
  let report: CheckReport

  public init(_ report: CheckReport) { self.report = report }

  /// The document, indented, with a final newline.
  public var text: String { value.pretty }

  var value: JSONValue { .object(members) }

  var members: [JSONValue.Member] {
    let members: KeyValuePairs<String, JSONValue> = [
      "schemaVersion": .integer(1),
      "verdict": .string(report.verdict.rawValue),
      "diagnosis": .optional(report.rootCause?.id),
      "diagnoses": .array(report.findings.map(Self.ranked)),
      "target": target,
      "tool": .object([
        "version": .string(report.tool.version), "libpq": .string(report.tool.libpq),
        "openssl": .string(report.tool.openssl), "cAres": .string(report.tool.cAres),
      ]),
      "phases": .array(report.phases.map(Self.phase)),
      "sslModes": .array(report.sslModes.map(Self.mode)),
      "checks": .array(report.checks.map(Self.check)),
      "ms": .milliseconds(report.duration),
    ]
    return members.map { JSONValue.Member(name: $0, value: $1) }
  }

  private var target: JSONValue {
    let target = report.target
    return .object([
      "host": .string(target.host), "port": .integer(target.port), "user": .optional(target.user),
      "database": .optional(target.database), "endpoint": .optional(target.endpoint),
      "endpointKind": .optional(target.endpointKind), "region": .optional(target.region),
      "addresses": .strings(target.addresses), "sslMode": .string(target.sslMode),
      "effectiveSSLMode": .string(target.effectiveSSLMode),
    ])
  }

  private static func phase(_ phase: PhaseTime) -> JSONValue {
    .object([
      "name": .string(phase.phase.rawValue), "ms": .milliseconds(phase.duration),
      "min": .milliseconds(phase.samples.min() ?? phase.duration),
      "p95": .milliseconds(phase.samples.percentile(0.95) ?? phase.duration),
      "samples": .array(phase.samples.map(JSONValue.milliseconds)),
      "roundTrips": phase.roundTrips.map(JSONValue.integer) ?? .null,
    ])
  }

  private static func mode(_ mode: SSLModeOutcome) -> JSONValue {
    .object([
      "mode": .string(mode.mode), "connects": .bool(mode.connects), "encrypted": .bool(mode.encrypted),
      "verified": .bool(mode.verified), "reason": .string(mode.reason),
    ])
  }

  static func check(_ check: CheckResult) -> JSONValue { .object(members(check)) }

  static func members(_ check: CheckResult) -> [JSONValue.Member] {
    let members: KeyValuePairs<String, JSONValue> = [
      "id": .string(check.id), "category": .string(check.stage.rawValue), "claim": .string(check.claim),
      "status": .string(check.status.rawValue), "message": .string(check.message),
      "evidence": evidence(check.evidence), "diagnoses": .array(check.findings.map(finding)),
      "requires": .strings(check.requires), "missing": .strings(check.missing),
      "ignored": .optional(check.ignored), "ms": .milliseconds(check.duration),
    ]
    return members.map { JSONValue.Member(name: $0, value: $1) }
  }

  /// A fact that was measured more than once, an address for instance, has an array.
  private static func evidence(_ items: [EvidenceItem]) -> JSONValue {
    var order: [String] = []
    var values: [String: [String]] = [:]
    for item in items {
      if values[item.name] == nil { order.append(item.name) }
      values[item.name, default: []].append(item.value)
    }
    return .object(
      order.map { name in
        let all = values[name] ?? []
        return JSONValue.Member(name: name, value: all.count == 1 ? .string(all[0]) : .strings(all))
      })
  }

  private static func finding(_ finding: Finding) -> JSONValue {
    .object([
      "id": .string(finding.id), "title": .string(finding.heading),
      "severity": .string(finding.severity.rawValue), "confidence": .string(finding.confidence.word),
      "reason": .string(finding.reason), "fix": .optional(finding.fix), "location": location(finding),
    ])
  }

  private static func ranked(_ finding: Finding) -> JSONValue {
    .object([
      "id": .string(finding.id), "title": .string(finding.heading),
      "severity": .string(finding.severity.rawValue), "confidence": .string(finding.confidence.word),
      "reason": .string(finding.reason), "check": .string(finding.check), "fix": .optional(finding.fix),
      "location": location(finding), "consequences": .strings(finding.consequences),
    ])
  }

  private static func location(_ finding: Finding) -> JSONValue {
    guard let location = finding.location else { return .null }
    return .object([
      "path": .string(location.path), "line": location.line.map(JSONValue.integer) ?? .null,
    ])
  }
}
