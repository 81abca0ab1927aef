/// How much a reader's device can show.
public struct OutputStyle: Sendable {
  public var color: Bool
  /// Check marks and arrows; plain ASCII otherwise, for logs and pipes.
  public var unicode: Bool
  /// Columns; nil does not wrap.
  public var width: Int?

  public init(color: Bool = false, unicode: Bool = false, width: Int? = nil) {
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

  /// Breaks a paragraph at spaces; following lines start with `indent`.
  public func wrap(_ text: String, indent: String) -> String {
    guard let width, width > indent.count + 20 else { return text }
    var lines: [String] = []
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      var line = ""
      for word in paragraph.split(separator: " ", omittingEmptySubsequences: false) {
        if !line.isEmpty, line.count + word.count + 1 + indent.count > width {
          lines.append(line)
          line = String(word)
        } else {
          line += line.isEmpty ? String(word) : " \(word)"
        }
      }
      lines.append(line)
    }
    return lines.joined(separator: "\n\(indent)")
  }
}
