/// What is known about the failures in a text.
public struct LogReading: Sendable {
  /// Lines read; a last one without a line break counts.
  public let lines: Int
  public let bytes: Int
  /// Database tokens that the text has in it. Whoever can read it can use them while they live.
  public let tokens: Int
  /// Every page that something in the text speaks for, the most probable first.
  public let matches: [PageMatch]

  /// The most probable one.
  public var diagnosis: PageMatch? { matches.first }
}

/// A page that something in a text speaks for.
public struct PageMatch: Sendable {
  public let page: DiagnosisPage
  public let strength: MatchStrength
  /// Why, in a sentence without a full stop at its end.
  public let reason: String
  /// Lines that speak for it.
  public let count: Int
  /// Lines among them of which no other page is a better explanation.
  public let leading: Int
  /// The first and last of those lines, counted from 1.
  public let firstLine, lastLine: Int
  /// The first few of them.
  public let examples: [LineExcerpt]
}

extension PageMatch {
  /// The order in which causes are shown: evidence, literal characters, how common the failure is, and the id.
  static func precedes(_ one: PageMatch, _ other: PageMatch) -> Bool {
    if one.strength != other.strength { return one.strength > other.strength }
    if one.page.likelihood != other.page.likelihood { return one.page.likelihood > other.page.likelihood }
    return one.page.id < other.page.id
  }
}
