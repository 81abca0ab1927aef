internal import AccessModel

/// Text inside GitHub-flavoured Markdown, shown as it is.
enum MarkdownText {
  /// Within a line or a table's cell: nothing in it is markup, and it does not end the line.
  static func inline(_ text: String) -> String {
    var escaped = ""
    for scalar in ShownText.lines(text).unicodeScalars {
      switch scalar {
      case "\n": escaped += "<br>"
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\\", "`", "*", "_", "{", "}", "[", "]", "(", ")", "#", "!", "|", "~", "$", "@":
        escaped += "\\"
        escaped.unicodeScalars.append(scalar)
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// A block of code, fenced by more backticks than it contains in a row.
  static func block(_ text: String) -> String {
    var (longest, row) = (2, 0)
    for character in text.unicodeScalars {
      row = character == "`" ? row + 1 : 0
      longest = max(longest, row)
    }
    let fence = String(repeating: "`", count: longest + 1)
    return "\(fence)\n\(ShownText.lines(text))\n\(fence)\n"
  }
}
