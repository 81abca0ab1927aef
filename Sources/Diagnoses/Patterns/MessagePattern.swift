/// A text to look for within a line: literal parts, and holes for what differs from case to case.
///
///     server certificate for "{name}" does not match host name "{host}"
///
/// Literal parts are case-sensitive. `{word}` stands for one or more characters of the same line up to the next
/// literal part, or at the end of the pattern for the rest of the line. `{word!value}` must not be `value`.
public struct MessagePattern: Sendable, Hashable, CustomStringConvertible {
  enum Part: Sendable, Hashable {
    case literal([UInt8])
    /// - Parameter not: what may not stand here; nil allows everything.
    case hole(not: [UInt8]?)
  }

  /// The pattern as written.
  public let text: String
  /// Literal parts and holes in turns: neither stands beside another of its own kind.
  let parts: [Part]
  /// Characters outside holes: the more of them are found, the surer the match.
  public let literalCharacters: Int

  /// The fewest literal characters in all, and in the longest literal part: less is found in any log.
  static let fewestCharacters = 8
  static let fewestTogether = 6

  public init(_ text: String) throws(MessagePatternError) {
    var parts: [Part] = []
    var literal: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.first {
      if byte == UInt8(ascii: "{"), let (hole, length) = Self.hole(rest) {
        if !literal.isEmpty { parts.append(.literal(literal)) }
        literal = []
        if case .hole? = parts.last {
          throw MessagePatternError("two holes touch", "put a literal text between them, or make them one")
        }
        if parts.isEmpty, case .hole(.some) = hole {
          throw MessagePatternError("a hole with a condition begins it", "begin with a literal text")
        }
        parts.append(hole)
        rest = rest.dropFirst(length)
      } else {
        literal.append(byte)
        rest = rest.dropFirst()
      }
    }
    if !literal.isEmpty { parts.append(.literal(literal)) }
    if literal.contains(where: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
      throw MessagePatternError("it spans lines", "make it a sequence: ['first line', 'second line']")
    }

    let literals = parts.compactMap { part -> [UInt8]? in
      if case .literal(let bytes) = part { bytes } else { nil }
    }
    let counts = literals.map { String(decoding: $0, as: UTF8.self).unicodeScalars.count }
    guard counts.reduce(0, +) >= Self.fewestCharacters, (counts.max() ?? 0) >= Self.fewestTogether else {
      throw MessagePatternError(
        "too few of its characters are literal",
        "give it at least \(Self.fewestCharacters), of which \(Self.fewestTogether) stand together")
    }
    self.text = text
    self.parts = parts
    literalCharacters = counts.reduce(0, +)
  }

  public var description: String { text }

  /// The hole that `text` begins with, and its length; nil when the brace is just a brace.
  private static func hole(_ text: ArraySlice<UInt8>) -> (Part, length: Int)? {
    let name = text.dropFirst().prefix { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 }
    guard !name.isEmpty, name.endIndex < text.endIndex else { return nil }
    if text[name.endIndex] == UInt8(ascii: "}") { return (.hole(not: nil), name.count + 2) }
    guard text[name.endIndex] == UInt8(ascii: "!"),
      let end = text[name.endIndex...].firstIndex(of: UInt8(ascii: "}"))
    else { return nil }
    return (.hole(not: Array(text[(name.endIndex + 1)..<end])), end - text.startIndex + 1)
  }
}

/// Why a text cannot be a pattern.
public struct MessagePatternError: Error, Hashable {
  public let problem, remedy: String

  init(_ problem: String, _ remedy: String) {
    self.problem = problem
    self.remedy = remedy
  }
}
