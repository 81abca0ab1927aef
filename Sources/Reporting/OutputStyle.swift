/// How much a reader's device can show.
public struct OutputStyle: Sendable {
  public var color: Bool
  /// Check marks and arrows; plain ASCII otherwise, for logs and pipes.
  public var unicode: Bool
  /// Columns; nil does not wrap.
  public var width: Int?
  /// A line may be taken back and written anew.
  public var controls: Bool

  public init(color: Bool = false, unicode: Bool = false, width: Int? = nil, controls: Bool = false) {
    self.controls = controls
    self.color = color
    self.unicode = unicode
    self.width = width
  }

  public static let plain = OutputStyle()

  enum Tint: String {
    case green = "32"
    case yellow = "33"
    case red = "31"
    case dim = "2"
    case bold = "1"
  }

  func paint(_ text: String, _ tint: Tint) -> String {
    color ? "\u{1B}[\(tint.rawValue)m\(text)\u{1B}[0m" : text
  }

  var arrow: String { unicode ? "→" : "->" }

  /// Breaks paragraphs at spaces; every line but the first starts with `indent`.
  public func wrap(_ text: String, indent: String) -> String {
    guard let width, width > indent.count + 20 else { return text }
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let margin = paragraph.prefix { $0 == " " }
      var line = String(margin)
      var hasWord = false
      for word in paragraph.dropFirst(margin.count).split(separator: " ", omittingEmptySubsequences: false) {
        let room = lines.isEmpty ? width : width - indent.count
        if hasWord, Self.columns(line) + 1 + Self.columns(word) > room {
          lines.append(line)
          line = String(word)
          hasWord = !word.isEmpty
        } else {
          // Of several spaces in a row, those at the end of a line go.
          line += hasWord ? " \(word)" : word
          hasWord = hasWord || !word.isEmpty
        }
      }
      lines.append(line)
    }
    return lines.joined(separator: "\n\(indent)")
  }

  /// How wide a text is, without the colours that `paint` puts in.
  private static func columns(_ text: some StringProtocol) -> Int {
    guard text.utf8.contains(0x1B) else { return text.count }
    var columns = 0
    var inEscape = false
    for character in text {
      if character == "\u{1B}" { inEscape = true }
      if !inEscape { columns += 1 }
      if character == "m" { inEscape = false }
    }
    return columns
  }
}
