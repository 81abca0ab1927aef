/// An active probe with a positive claim.
///
/// A check reports what it saw: a failure is a value, never a thrown error. What the failure means is the classifier's
/// to say, from the evidence that the check has recorded.
protocol Check: Sendable {
  /// Stable, unique, in lower case with hyphens; users name it in `--only`, `--skip` and `--ignore`.
  var id: String { get }
  var stage: Stage { get }
  /// What is true when the check passes, as a clause: "the server offers TLS".
  var claim: String { get }
  /// Checks without whose success this one cannot say anything.
  var requires: [String] { get }
  /// Checks that it waits for, whatever comes of them.
  var after: [String] { get }
  /// How long it may take by itself; the run's own deadline cuts it short.
  var deadline: Duration { get }
  /// How many connections it opens to the database at most.
  var connections: Int { get }

  /// Whether it sends packets; without, it runs with `--offline` as well.
  var usesNetwork: Bool { get }

  func run(_ run: CheckupRun) async -> Outcome
}

extension Check {
  var after: [String] { [] }
  var deadline: Duration { .seconds(5) }
  var connections: Int { 0 }
  var usesNetwork: Bool { ![.config, .credentials, .token].contains(stage) }
}

/// What a check saw, before anybody has said what it means.
struct Outcome: Sendable {
  var status: CheckStatus
  /// One line.
  var message: String
  var evidence: [EvidenceItem]
  /// It had nothing to look at here; what needs it goes on.
  var isNotApplicable = false

  static func pass(_ message: String, _ evidence: [EvidenceItem] = []) -> Outcome {
    Outcome(status: .pass, message: message, evidence: evidence)
  }

  static func fail(_ message: String, _ evidence: [EvidenceItem] = []) -> Outcome {
    Outcome(status: .fail, message: message, evidence: evidence)
  }

  static func unknown(_ message: String, _ evidence: [EvidenceItem] = []) -> Outcome {
    Outcome(status: .unknown, message: message, evidence: evidence)
  }

  /// There is nothing to check here, for a reason that is no fault.
  static func notApplicable(_ message: String) -> Outcome {
    Outcome(status: .skip, message: message, evidence: [], isNotApplicable: true)
  }
}
