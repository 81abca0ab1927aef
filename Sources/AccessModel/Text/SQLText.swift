/// Values as they stand in SQL.
package enum SQLText {
  /// Where the SQL goes.
  package enum Form: Sendable {
    /// Shown to people, for pasting: what cannot be seen is escaped.
    case shown
    /// A file for psql: everything beyond ASCII is escaped too, and what a CI system would take for a command. Then the
    /// text means the same in every client encoding, also in one that a server makes psql believe in.
    case script
  }

  /// A name in quotation marks, whatever is in it: `x" SUPERUSER; --` stays one name.
  ///
  /// What is escaped is written as `U&"…"` has it, so that a statement is one line.
  /// https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS-UESCAPE
  package static func identifier(_ name: String, _ form: Form = .shown) -> String {
    let needsEscape = escapes(name, form)
    let hasEscapes = name.unicodeScalars.contains(where: needsEscape)
    var inside = ""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "\"": inside += "\"\""
      case "\\" where hasEscapes: inside += "\\\\"
      case _ where needsEscape(scalar): inside += "\\+\(hex(scalar, 6))"
      default: inside.unicodeScalars.append(scalar)
      }
    }
    return "\(hasEscapes ? "U&" : "")\"\(inside)\""
  }

  /// A text in apostrophes. With a backslash or anything escaped in it, it is written as `E'…'`, which means the same
  /// whatever `standard_conforming_strings` is.
  /// https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-STRINGS-ESCAPE
  package static func literal(_ text: String, _ form: Form = .shown) -> String {
    let needsEscape = escapes(text, form)
    let hasEscapes = text.unicodeScalars.contains { $0 == "\\" || needsEscape($0) }
    var inside = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "'": inside += "''"
      case "\\": inside += "\\\\"
      case _ where needsEscape(scalar):
        inside += scalar.value < 0x10000 ? "\\u\(hex(scalar, 4))" : "\\U\(hex(scalar, 8))"
      default: inside.unicodeScalars.append(scalar)
      }
    }
    return "\(hasEscapes ? "E" : "")'\(inside)'"
  }

  /// Which characters of a text cannot stand as they are.
  private static func escapes(_ text: String, _ form: Form) -> (Unicode.Scalar) -> Bool {
    let hasCommands = form == .script && WorkflowCommand.isIn(text)
    return { scalar in
      scalar.steersDisplay || form == .script && !scalar.isASCII
        || hasCommands && (scalar == "#" || scalar == ":" || scalar == "_")
    }
  }

  private static func hex(_ scalar: Unicode.Scalar, _ digits: Int) -> String {
    let text = String(scalar.value, radix: 16, uppercase: true)
    return String(repeating: "0", count: digits - text.count) + text
  }

  /// A comment of one line, without its line end.
  package static func comment(_ text: String) -> String {
    let line = ShownText.line(text)
    return "-- "
      + WorkflowCommand.neutralised(
        line.unicodeScalars.map { $0.isASCII ? String($0) : ShownText.escape($0) }.joined())
  }
}
