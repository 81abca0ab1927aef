/// Values as they stand in a statement that is shown for pasting.
enum SQLText {
  /// A name in quotation marks, whatever is in it: `x" SUPERUSER; --` stays one name.
  ///
  /// Line ends and other control characters are written as `U&"…"` has them, so that a statement is one line.
  /// https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS-UESCAPE
  static func identifier(_ name: String) -> String { quoted(name, by: "\"") }

  /// A text in apostrophes, where `standard_conforming_strings` is on, as it is by default.
  static func literal(_ text: String) -> String { quoted(text, by: "'") }

  private static func quoted(_ text: String, by mark: Unicode.Scalar) -> String {
    let needsEscapes = text.unicodeScalars.contains(where: \.needsEscape)
    var inside = ""
    for scalar in text.unicodeScalars {
      if needsEscapes, scalar.needsEscape {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        inside += "\\+" + String(repeating: "0", count: 6 - digits.count) + digits
      } else {
        inside.unicodeScalars.append(scalar)
        if scalar == mark || needsEscapes && scalar == "\\" { inside.unicodeScalars.append(scalar) }
      }
    }
    return "\(needsEscapes ? "U&" : "")\(mark)\(inside)\(mark)"
  }
}

extension Unicode.Scalar {
  /// What a terminal or a line would not show as it is: controls, line separators and marks of direction.
  var needsEscape: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
  }
}
