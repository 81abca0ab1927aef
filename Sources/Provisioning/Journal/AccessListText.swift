/// The text form of an `aclitem[]`: `{owner=arwd/owner,=r/owner}`.
///
/// https://www.postgresql.org/docs/current/ddl-priv.html#PRIVILEGE-ABBREVS-TABLE
enum AccessListText {
  /// Whether the server would take it, as far as that can be told without knowing its roles.
  static func isSound(_ text: String) -> Bool {
    guard let items = elements(text[...]) else { return false }
    return items.allSatisfy(isItem)
  }

  /// The elements of an array; nil when the text is none.
  private static func elements(_ text: Substring) -> [String]? {
    guard text.first == "{", text.last == "}", text.count > 1 else { return nil }
    var rest = text.dropFirst().dropLast().unicodeScalars[...]
    guard !rest.isEmpty else { return [] }
    var elements: [String] = []
    while true {
      var element = String.UnicodeScalarView()
      if rest.first == "\"" {
        rest.removeFirst()
        while true {
          guard let scalar = rest.popFirst() else { return nil }
          if scalar == "\"" { break }
          guard let next = scalar == "\\" ? rest.popFirst() : scalar else { return nil }
          element.append(next)
        }
      } else {
        while let scalar = rest.first, scalar != "," {
          guard !"{}\"\\".unicodeScalars.contains(scalar) else { return nil }
          element.append(rest.removeFirst())
        }
      }
      elements.append(String(element))
      guard let separator = rest.popFirst() else { return elements }
      guard separator == "," else { return nil }
    }
  }

  /// `grantee=privileges/grantor`; no grantee is PUBLIC.
  private static func isItem(_ text: String) -> Bool {
    var rest = text.unicodeScalars[...]
    _ = name(&rest)
    guard rest.popFirst() == "=" else { return false }
    while let letter = rest.first, letter != "/" {
      guard "arwdDxtXUCTcsAm*".unicodeScalars.contains(letter) else { return false }
      rest.removeFirst()
    }
    guard rest.popFirst() == "/" else { return false }
    return name(&rest) > 0 && rest.isEmpty
  }

  /// Takes a role's name off; its length.
  private static func name(_ rest: inout Substring.UnicodeScalarView) -> Int {
    var isQuoted = false
    var length = 0
    while let scalar = rest.first, isQuoted || (scalar != "=" && scalar != "/") {
      if scalar == "\"" { isQuoted.toggle() }
      rest.removeFirst()
      length += 1
    }
    return length
  }
}
