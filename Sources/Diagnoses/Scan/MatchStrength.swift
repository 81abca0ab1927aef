/// How strongly a text speaks for a page: the first key of the ranking.
public struct MatchStrength: Sendable, Hashable, Comparable {
  /// What spoke for it, weakest first.
  public enum Evidence: Int, Sendable, Hashable, Comparable {
    /// A text that this failure shows as well as others.
    case shared
    /// A token in the text with something about it that may or may not matter.
    case doubtfulToken
    /// A text that means this failure.
    case message
    /// A token in the text that cannot work.
    case token

    public static func < (one: Evidence, other: Evidence) -> Bool { one.rawValue < other.rawValue }
  }

  public let evidence: Evidence
  /// Literal characters found in one rule. Of a token, what is the surer the larger it is.
  public let characters: Int

  init(_ evidence: Evidence, _ characters: Int) {
    self.evidence = evidence
    self.characters = characters
  }

  public static func < (one: MatchStrength, other: MatchStrength) -> Bool {
    (one.evidence, one.characters) < (other.evidence, other.characters)
  }
}
