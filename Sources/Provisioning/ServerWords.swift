internal import AccessModel
internal import Postgres

/// SQL that a server hands out as text and that is sent back to it within statements: proved to be what it has to be.
///
/// Names are quoted here; a function's arguments, an operator's name and a privilege are words of SQL already. A server
/// that puts anything else in their place gets it run, by apply or by whoever runs the plan as a script.
enum ServerWords {
  /// What follows an object's name: `(integer, VARIADIC "my type"[])`, ` USING btree`.
  static func suffix(_ text: String, of object: String) throws(SetupProblem) -> String {
    if text.isEmpty || text == "(*)" { return text }
    guard let statement = SQLStatement(text), !statement.tokens.contains(where: \.isForeignToArguments),
      text.hasPrefix(" USING ") ? statement.tokens.count == 4 : isParenthesised(text.drop { $0 == " " })
    else { throw refusal("the arguments of \(object)", text) }
    return statement.text(.shown)
  }

  /// An operator's name, which is written bare: signs alone, and no beginning of a comment.
  static func operatorName(_ text: String) throws(SetupProblem) -> String {
    guard case .sign(let sign)? = SQLStatement(text)?.tokens.first, sign == text else {
      throw refusal("an operator", text)
    }
    return text
  }

  /// A large object's number, which is written bare.
  static func number(_ text: String) throws(SetupProblem) -> String {
    guard let number = UInt32(text) else { throw refusal("a large object", text) }
    return String(number)
  }

  /// A privilege, or the objects of default privileges: one or two words in capitals, `ALTER SYSTEM`.
  static func capitals(_ text: String) throws(SetupProblem) -> String {
    let words = text.split(separator: " ", omittingEmptySubsequences: false)
    let areCapitals = words.allSatisfy { word in
      !word.isEmpty && word.utf8.allSatisfy { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 }
    }
    guard words.count <= 2, areCapitals else { throw refusal("a privilege", text) }
    return text
  }

  /// The first parenthesis is closed by the last character, not before.
  private static func isParenthesised(_ text: Substring) -> Bool {
    text.hasPrefix("(") && text.hasSuffix(")") && SQLStatement(String(text.dropFirst().dropLast())) != nil
  }

  private static func refusal(_ what: String, _ text: String) -> SetupProblem {
    SetupProblem(
      .refused, "server-words",
      "the server names \(what) in a way that PostgreSQL does not: “\(ShownText.line(String(text.prefix(200))))”",
      why: "it would stand in statements as SQL; nothing was changed",
      fix: "make sure that this is the server that you mean, and that it is PostgreSQL")
  }
}

extension SQLStatement.Token {
  /// Values and operators are never part of a list of arguments.
  fileprivate var isForeignToArguments: Bool {
    switch self {
    case .text, .sign: true
    default: false
    }
  }
}
