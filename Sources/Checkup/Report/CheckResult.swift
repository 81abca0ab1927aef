/// What one check found.
public struct CheckResult: Sendable, Hashable {
  public var id: String
  public var stage: Stage
  /// What is true when the check passes: "the server offers TLS".
  public var claim: String
  public var status: CheckStatus
  /// One line: what was seen, or why it was skipped.
  public var message: String
  /// What was measured, in the order in which it is shown. Never a secret.
  public var evidence: [EvidenceItem]
  /// Ranked, the most probable first.
  public var findings: [Finding]
  public var requires: [String]
  /// The failed checks that this one needs, if it was skipped for that.
  public var missing: [String]
  /// How long the check ran.
  public var duration: Duration
  /// Why the user said that this check's findings do not count, empty when no reason was given; nil when they count.
  public var ignored: String?

  public init(
    id: String, stage: Stage, claim: String, status: CheckStatus, message: String,
    evidence: [EvidenceItem] = [], findings: [Finding] = [], requires: [String] = [], missing: [String] = [],
    duration: Duration = .zero, ignored: String? = nil
  ) {
    self.id = id
    self.stage = stage
    self.claim = claim
    self.status = status
    self.message = message
    self.evidence = evidence
    self.findings = findings
    self.requires = requires
    self.missing = missing
    self.duration = duration
    self.ignored = ignored
  }
}

/// One measured fact, by name.
public struct EvidenceItem: Sendable, Hashable {
  public var name: String
  public var value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}
