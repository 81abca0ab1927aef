/// One SQL statement, or a part of one, of the kinds that setup makes, taken apart.
///
/// It is the proof that a text which came from a server, such as a function's arguments, is what it has to be: names in
/// quotation marks, words, numbers and punctuation. A semicolon, a comment, a backslash, a line end or a dollar quote
/// outside quotation marks makes it none.
package struct SQLStatement: Sendable, Hashable {
  package enum Token: Sendable, Hashable {
    /// A name that stood in quotation marks.
    case name(String)
    /// A text that stood in apostrophes.
    case text(String)
    /// A key word, a bare name or a number.
    case word(String)
    /// An operator's name.
    case sign(String)
    case comma, dot, space
    case open, close, openBracket, closeBracket
  }

  package private(set) var tokens: [Token] = []

  /// Nil when `sql` has anything else in it, or when its parentheses do not match.
  package init?(_ sql: String) {
    var rest = sql.unicodeScalars[...]
    var depth = 0
    while let first = rest.popFirst() {
      switch first {
      case " ": tokens.append(.space)
      case ",": tokens.append(.comma)
      case ".": tokens.append(.dot)
      case "[": tokens.append(.openBracket)
      case "]": tokens.append(.closeBracket)
      case "(":
        tokens.append(.open)
        depth += 1
      case ")":
        tokens.append(.close)
        depth -= 1
      case "\"", "'":
        guard let text = Self.quoted(&rest, by: first, escape: nil) else { return nil }
        tokens.append(first == "'" ? .text(text) : .name(text))
      case "U" where rest.starts(with: "&\"".unicodeScalars):
        rest = rest.dropFirst(2)
        guard let text = Self.quoted(&rest, by: "\"", escape: Self.unicodeEscape) else { return nil }
        tokens.append(.name(text))
      case "E" where rest.first == "'":
        rest = rest.dropFirst()
        guard let text = Self.quoted(&rest, by: "'", escape: Self.stringEscape) else { return nil }
        tokens.append(.text(text))
      case _ where Self.isWord(first):
        let word = rest.prefix(while: Self.isWord)
        rest = rest[word.endIndex...]
        tokens.append(.word(String(first) + String(word)))
      case _ where Self.isSign(first):
        let sign = rest.prefix(while: Self.isSign)
        rest = rest[sign.endIndex...]
        let name = String(first) + String(sign)
        guard !name.contains("--"), !name.contains("/*"), !name.contains("*/") else { return nil }
        tokens.append(.sign(name))
      default: return nil
      }
      guard depth >= 0 else { return nil }
    }
    guard depth == 0 else { return nil }
  }

  /// The statement again, each name and text quoted anew.
  package func text(_ form: SQLText.Form) -> String {
    tokens.map { token in
      switch token {
      case .name(let name): SQLText.identifier(name, form)
      case .text(let text): SQLText.literal(text, form)
      case .word(let word), .sign(let word): word
      case .comma: ","
      case .dot: "."
      case .space: " "
      case .open: "("
      case .close: ")"
      case .openBracket: "["
      case .closeBracket: "]"
      }
    }.joined()
  }

  /// A statement for people to paste; what is none is shown on one line, but not to be pasted.
  package static func shown(_ sql: String) -> String {
    SQLStatement(sql)?.text(.shown) ?? ShownText.line(sql)
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "_": true
    default: false
    }
  }

  /// What operators are named with: https://www.postgresql.org/docs/current/sql-createoperator.html
  private static func isSign(_ scalar: Unicode.Scalar) -> Bool {
    "+-*/<>=~!@#%^&|`?".unicodeScalars.contains(scalar)
  }

  private typealias Rest = Substring.UnicodeScalarView
  /// What follows a backslash, as the character that it stands for.
  private typealias Escape = (inout Rest) -> Unicode.Scalar?

  /// Takes a text up to its closing mark, which is doubled within it.
  private static func quoted(_ rest: inout Rest, by mark: Unicode.Scalar, escape: Escape?) -> String? {
    var text = String.UnicodeScalarView()
    while let scalar = rest.popFirst() {
      switch scalar {
      case mark where rest.first == mark:
        rest = rest.dropFirst()
        text.append(mark)
      case mark: return mark == "\"" && text.isEmpty ? nil : String(text)
      case "\0": return nil
      case "\\":
        guard let escape else {
          // Within apostrophes it depends on the server's settings what it means.
          if mark == "'" { return nil }
          text.append(scalar)
          continue
        }
        guard let character = escape(&rest) else { return nil }
        text.append(character)
      default: text.append(scalar)
      }
    }
    return nil
  }

  /// `\\`, `\+01F418` and `\00E9`.
  private static func unicodeEscape(_ rest: inout Rest) -> Unicode.Scalar? {
    switch rest.first {
    case "\\": return rest.popFirst()
    case "+":
      rest = rest.dropFirst()
      return number(&rest, digits: 6)
    default: return number(&rest, digits: 4)
    }
  }

  /// `\\`, `\u00E9` and `\U0001F418`.
  private static func stringEscape(_ rest: inout Rest) -> Unicode.Scalar? {
    switch rest.popFirst() {
    case "\\": "\\"
    case "u": number(&rest, digits: 4)
    case "U": number(&rest, digits: 8)
    default: nil
    }
  }

  private static func number(_ rest: inout Rest, digits: Int) -> Unicode.Scalar? {
    let text = String(Substring(rest.prefix(digits)))
    rest = rest.dropFirst(digits)
    guard text.utf8.count == digits, text.allSatisfy(\.isHexDigit), let value = UInt32(text, radix: 16),
      value > 0
    else { return nil }
    return Unicode.Scalar(value)
  }
}
