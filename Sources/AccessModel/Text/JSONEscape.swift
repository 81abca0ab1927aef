/// JSON that steers nothing that shows it, and that every parser reads as the same text.
package enum JSONEscape {
  /// A character as JSON writes what it must not, or should not, show: `\u001b`, of two halves beyond U+FFFF.
  package static func scalar(_ scalar: Unicode.Scalar) -> String {
    String(scalar).utf16.map { unit in
      let digits = String(unit, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }.joined()
  }

  /// The inside of a string.
  package static func string(_ text: String) -> String {
    var escaped = ""
    for character in text.unicodeScalars {
      switch character {
      case "\"": escaped += "\\\""
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\r": escaped += "\\r"
      case "\t": escaped += "\\t"
      default: escaped.unicodeScalars.append(character)
      }
    }
    // Within a document a string never begins a line.
    return String(document("\"" + escaped).dropFirst())
  }

  /// A document that an encoder made, or a part of one: characters that steer a display, which it may have left in
  /// strings, and commands of CI systems are escaped. Line ends are the document's own.
  package static func document(_ json: String) -> String {
    let marks = WorkflowCommand.marks(in: json)
    guard !marks.isEmpty || json.utf8.contains(where: { $0 >= 0x7F || $0 < 0x20 }) else { return json }
    var escaped = ""
    var next = marks.startIndex
    let scalars = json.unicodeScalars
    for index in scalars.indices {
      if next < marks.endIndex, marks[next] == index {
        escaped += scalar(scalars[index])
        next += 1
      } else if scalars[index].steersDisplay, scalars[index] != "\n" {
        escaped += scalar(scalars[index])
      } else {
        escaped.unicodeScalars.append(scalars[index])
      }
    }
    return escaped
  }
}
