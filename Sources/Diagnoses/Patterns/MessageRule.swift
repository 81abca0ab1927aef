/// One pattern, or several that follow each other within a few lines.
public struct MessageRule: Sendable, Hashable, CustomStringConvertible {
  /// At least one, in the order in which they appear.
  public let patterns: [MessagePattern]

  /// How many lines after the first one the last one may be.
  public static let reach = 8

  /// Nil for no pattern at all.
  init?(_ patterns: [MessagePattern]) {
    guard !patterns.isEmpty else { return nil }
    self.patterns = patterns
  }

  /// The literal characters of all patterns.
  public var literalCharacters: Int { patterns.reduce(0) { $0 + $1.literalCharacters } }

  public var description: String { patterns.map { "“\($0)”" }.joined(separator: " and then ") }
}
