internal import AccessModel

/// A label and the paragraph that hangs from it: following lines start below the paragraph, not below the label.
struct HangingText {
  /// What stands in front of the first line, with the spaces after it.
  var label: String
  var tint: OutputStyle.Tint?
  /// Columns in front of the following lines.
  var indent: Int
  var text: String
  var textTint: OutputStyle.Tint?
  /// Whether lines that are commands or settings stay whole, to be pasted as they are; see ``PastedLine``.
  var hasCommands = false

  init(
    _ label: String, tint: OutputStyle.Tint? = nil, indent: Int? = nil, _ text: String,
    textTint: OutputStyle.Tint? = nil
  ) {
    self.label = label
    self.tint = tint
    self.indent = indent ?? ShownText.columns(label)
    self.text = ShownText.lines(text)
    self.textTint = textTint
  }

  /// The lines with their ends, broken between words; a word is never broken.
  func render(_ style: OutputStyle) -> String {
    let margin = Self.margin(indent, style)
    var text = ""
    for (index, line) in wrapped(style, margin: margin).enumerated() {
      if index == 0 {
        let label = line.isEmpty ? Self.trimmed(label) : label
        text += tint.map { style.paint(label, $0) } ?? label
      } else if !line.isEmpty {
        text += String(repeating: " ", count: margin)
      }
      text += (line.isEmpty ? nil : textTint).map { style.paint(line, $0) } ?? line
      text += "\n"
    }
    return text
  }

  /// A narrow terminal has no room for a deep indent.
  private static func margin(_ indent: Int, _ style: OutputStyle) -> Int {
    guard let width = style.width, width - indent < 24 else { return indent }
    return min(indent, 6)
  }

  private func wrapped(_ style: OutputStyle, margin: Int) -> [String] {
    var lines: [String] = []
    var room = style.width.map { $0 - ShownText.columns(label) }
    let following = style.width.map { $0 - margin }
    for paragraph in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if hasCommands, PastedLine.matches(paragraph) {
        lines.append(String(paragraph))
        room = following
        continue
      }
      var line = ""
      var used = 0
      for word in paragraph.split(separator: " ") {
        let columns = ShownText.columns(word)
        if let room,
          used == 0 ? lines.isEmpty && columns > room && margin < label.count : used + 1 + columns > room
        {
          lines.append(line)
          (line, used) = (String(word), columns)
        } else {
          line += used == 0 ? String(word) : " \(word)"
          used += columns + (used == 0 ? 0 : 1)
        }
        if !lines.isEmpty { room = following }
      }
      lines.append(line)
      room = following
    }
    return lines
  }

  private static func trimmed(_ label: String) -> String {
    String(label.reversed().drop { $0 == " " }.reversed())
  }

  /// The longest beginning of a line that fits `columns`, cut between words, with a sign that it was cut.
  static func clip(_ text: String, to columns: Int?, _ style: OutputStyle) -> String {
    guard let columns, ShownText.columns(text) > columns else { return text }
    let sign = style.unicode ? "…" : "..."
    var clipped = ""
    for word in text.split(separator: " ") {
      let longer = clipped.isEmpty ? String(word) : "\(clipped) \(word)"
      if ShownText.columns(longer) + ShownText.columns(sign) > columns { break }
      clipped = longer
    }
    return clipped + sign
  }
}
