extension AccessList {
  /// Reads the text of an `aclitem[]`, for example `{owner=arw/owner,"\"A b\"=r*/owner"}`.
  ///
  /// - Parameter name: what a role of the text is called today; nil leaves out what it has given or got.
  /// - Returns: nil when the text is no such list.
  init?(_ text: String, owner: String, name: (String) -> String?) {
    self.init(owner: owner)
    guard let items = Self.items(text) else { return nil }
    for item in items {
      var rest = item.unicodeScalars[...]
      guard let grantee = Self.role(&rest, until: "="), let letters = Self.letters(&rest),
        let grantor = Self.role(&rest, until: nil)
      else { return nil }
      guard let giver = name(grantor) else { continue }
      var taker: String?
      if !grantee.isEmpty {
        guard let known = name(grantee) else { continue }
        taker = known
      }
      for (letter, level) in letters {
        raise(Key(grantor: giver, grantee: taker, privilege: letter), to: level)
      }
    }
  }

  /// The elements of an array: https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO
  private static func items(_ text: String) -> [String]? {
    var rest = text.unicodeScalars[...]
    guard rest.popFirst() == "{", rest.popLast() == "}" else { return nil }
    var items: [String] = []
    var item = String.UnicodeScalarView()
    var isQuoted = false
    while let scalar = rest.popFirst() {
      switch scalar {
      case "\"": isQuoted.toggle()
      case "\\":
        guard let next = rest.popFirst() else { return nil }
        item.append(next)
      case "," where !isQuoted:
        items.append(String(item))
        item.removeAll()
      default: item.append(scalar)
      }
    }
    if !text.elementsEqual("{}") { items.append(String(item)) }
    return isQuoted ? nil : items
  }

  /// A role's name, in double quotes where it needs them.
  private static func role(_ rest: inout Substring.UnicodeScalarView, until end: Unicode.Scalar?) -> String? {
    var name = String.UnicodeScalarView()
    var isQuoted = false
    while let scalar = rest.popFirst() {
      if scalar == end, !isQuoted { return String(name) }
      guard scalar == "\"" else {
        name.append(scalar)
        continue
      }
      if isQuoted, rest.first == "\"" {
        name.append(rest.removeFirst())
      } else {
        isQuoted.toggle()
      }
    }
    return end == nil && !isQuoted ? String(name) : nil
  }

  private static func letters(_ rest: inout Substring.UnicodeScalarView) -> [(Character, Level)]? {
    var letters: [(Character, Level)] = []
    while let scalar = rest.popFirst() {
      switch scalar {
      case "/": return letters
      case "*":
        guard !letters.isEmpty else { return nil }
        letters[letters.count - 1].1 = .grantable
      default:
        guard words[Character(scalar)] != nil else { return nil }
        letters.append((Character(scalar), .plain))
      }
    }
    return nil
  }
}
