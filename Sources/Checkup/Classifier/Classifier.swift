public import Diagnoses

/// Says what the evidence means: a pure function from evidence to ranked diagnoses.
public enum Classifier {
  /// What the evidence says about one check's claim, the most probable first.
  ///
  /// - Parameter pages: the pages by whose messages a server's text is recognised where no rule knows more.
  public static func findings(_ evidence: Evidence, of check: String, pages: PageRegistry = .embedded)
    -> [Finding]
  {
    let texts = KnownTexts(pages: pages, check: check)
    let all =
      ConfigRules.findings(evidence) + NameRules.findings(evidence) + ReachRules.findings(evidence, texts)
      + TLSRules.findings(evidence) + TrustRules.findings(evidence) + RouteRules.findings(evidence, texts)
      + TokenRules.findings(evidence) + LoginRules.findings(evidence, texts) + RoleRules.findings(evidence)
      + TimingRules.findings(evidence)
    return ranked(all.filter { $0.check == check })
  }

  /// Findings in order: errors before warnings, what was measured before what is likely, and, among equals, what
  /// comes first in a connection's life, because the rest follows from it. A finding that names another as its consequence
  /// stands before it.
  public static func ranked(_ findings: [Finding]) -> [Finding] {
    // Seen by two checks, a diagnosis counts once, as the one that is surer of it has it.
    var unique: [Finding] = []
    for finding in findings {
      guard let index = unique.firstIndex(where: { $0.id == finding.id }) else {
        unique.append(finding)
        continue
      }
      let known = unique[index]
      if (finding.severity, finding.confidence.rawValue) > (known.severity, known.confidence.rawValue) {
        unique[index] = finding
      }
    }
    let causes = unique.reduce(into: [String: Set<String>]()) { causes, finding in
      for consequence in finding.consequences { causes[consequence, default: []].insert(finding.id) }
    }
    let present = Set(unique.map(\.id))
    func isConsequence(_ finding: Finding) -> Bool { !(causes[finding.id] ?? []).isDisjoint(with: present) }
    return unique.enumerated().sorted { one, other in
      let (a, b) = (one.element, other.element)
      if a.severity != b.severity { return a.severity > b.severity }
      if isConsequence(a) != isConsequence(b) { return isConsequence(b) }
      if a.confidence != b.confidence { return a.confidence > b.confidence }
      let (first, second) = (position(a.check), position(b.check))
      return first == second ? one.offset < other.offset : first < second
    }.map(\.element)
  }

  /// A check's place in a connection's life.
  private static func position(_ check: String) -> Int {
    CheckRegistry.all.firstIndex { $0.id == check } ?? Int.max
  }
}
