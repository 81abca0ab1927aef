/// Aliases of YAML (`*name`), found before a parser sees the text.
///
/// An alias repeats what its anchor stands for. A dozen that stand for each other, as a mapping's key, take a parser that
/// compares keys longer than anybody waits. None of the files read here has a use for one.
package enum YAMLAliases {
  /// The line of the first alias, counted from 1; nil when there is none.
  ///
  /// Text between quotes, comments and the middle of a plain text are not looked at:
  /// https://yaml.org/spec/1.2.2/#71-alias-nodes
  package static func firstLine(in text: String) -> Int? {
    var line = 1
    var beginsNode = true
    var afterBlank = true
    var bytes = text.utf8[...]
    while let byte = bytes.popFirst() {
      let startsWord = afterBlank
      afterBlank = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\n")
      switch byte {
      case UInt8(ascii: "\n"):
        line += 1
        beginsNode = true
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): break
      case UInt8(ascii: "*") where beginsNode: return line
      case UInt8(ascii: "#") where startsWord:
        bytes = bytes.drop { $0 != UInt8(ascii: "\n") }
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        if beginsNode { line += skipQuoted(by: byte, &bytes) }
        beginsNode = false
      case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"), UInt8(ascii: ","), UInt8(ascii: "["),
        UInt8(ascii: "{"):
        beginsNode = true
      default: beginsNode = false
      }
    }
    return nil
  }

  /// Takes a quoted text and its closing quote off; returns how many line breaks were in it.
  private static func skipQuoted(by quote: UInt8, _ bytes: inout Substring.UTF8View) -> Int {
    var lines = 0
    while let byte = bytes.popFirst() {
      if byte == UInt8(ascii: "\n") { lines += 1 }
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        if bytes.popFirst() == UInt8(ascii: "\n") { lines += 1 }
      } else if byte == quote {
        // Two single quotes stand for one.
        guard quote == UInt8(ascii: "'"), bytes.first == quote else { break }
        bytes.removeFirst()
      }
    }
    return lines
  }
}
