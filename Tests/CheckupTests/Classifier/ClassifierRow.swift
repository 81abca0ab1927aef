import Testing

@testable import Checkup

/// One line of the classifier's tables: what was seen, and what it means.
struct ClassifierRow: Sendable, CustomTestStringConvertible {
  /// The most probable diagnosis.
  let id: String
  /// What was seen, in words.
  let when: String
  let severity: Severity
  /// The next most probable one; nil when the row does not care.
  let second: String?
  /// The check that has to say so.
  let check: String?
  /// What the reason has to mention.
  let words: [String]
  let evidence: Evidence

  init(
    _ id: String, when: String, as severity: Severity = .error, second: String? = nil,
    by check: String? = nil,
    words: [String] = [], _ evidence: Evidence
  ) {
    self.id = id
    self.when = when
    self.severity = severity
    self.second = second
    self.check = check
    self.words = words
    self.evidence = evidence
  }

  var testDescription: String { "\(id), when \(when)" }

  static let all =
    config + passwords + names + addresses + peers + handshakes + trust + objections + certificateNames
    + routes
    + administrator + tokens + logins + serverTexts + roles
}
