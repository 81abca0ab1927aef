internal import AccessModel
internal import Diagnoses
internal import Reporting

/// A page for a reader: headings in bold, paragraphs as wide as the terminal, blocks as they are.
struct ExplainPageText {
  let page: DiagnosisPage
  let style: OutputStyle

  /// Lines are hard to follow when they are longer.
  private static let widest = 100

  var text: String {
    var lines = [bold(page.title.escapedForDisplay), ""]
    lines.append(
      "\(page.id): \(page.severity.rawValue), \(page.category), "
        + page.engines.map(\.rawValue).joined(separator: " and "))
    if !page.risks.isEmpty {
      lines.append("risk of the fix: \(page.risks.map(\.rawValue).joined(separator: ", "))")
    }
    for section in page.sections {
      lines += ["", bold(section.heading.rawValue)]
      lines += body(section.lines)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func bold(_ text: String) -> String { style.color ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

  private func body(_ lines: [String]) -> [String] {
    var shown: [String] = []
    var paragraph: [String] = []
    var isBlock = false
    func endParagraph() {
      if !paragraph.isEmpty { shown += wrapped(paragraph) }
      paragraph = []
    }
    for line in lines.map(ShownText.logLine) {
      if line.hasPrefix("```") {
        endParagraph()
        isBlock.toggle()
      } else if isBlock {
        shown.append(line.isEmpty ? "" : "    \(line)")
      } else if line.isEmpty {
        endParagraph()
        shown.append("")
      } else {
        if Self.isItem(line) || line.hasPrefix("|") { endParagraph() }
        paragraph.append(line)
        if line.hasPrefix("|") { endParagraph() }
      }
    }
    endParagraph()
    return shown
  }

  /// Lines of one paragraph or list item, filled up to the width; as they are where there is no width.
  private func wrapped(_ lines: [String]) -> [String] {
    guard let columns = style.width, lines.first?.hasPrefix("|") == false else { return lines }
    var filling = style
    filling.width = min(columns, Self.widest)
    let text = lines.map { String($0.drop { $0 == " " }) }.joined(separator: " ")
    let indent = lines.first.map(Self.isItem) == true ? "  " : ""
    return [filling.wrap(text, indent: indent)]
  }

  private static func isItem(_ line: String) -> Bool {
    let text = line.drop { $0 == " " }
    if text.hasPrefix("- ") || text.hasPrefix("* ") { return true }
    let digits = text.prefix(while: \.isNumber)
    return !digits.isEmpty && text.dropFirst(digits.count).hasPrefix(". ")
  }
}
