internal import AccessModel
internal import CLibPQ

extension ConnectionSettings {
  /// A database, URI or conninfo string as this libpq takes it: parameters that only later ones know are left out.
  public static func conninfo(_ database: String) -> String { ConninfoText.withoutLater(database) }

  /// Whether this libpq knows a parameter.
  public static func isKnownToLibPQ(_ keyword: String) -> Bool { ConninfoText.isKnown(keyword) }
}

/// A URI or conninfo string, read by libpq itself.
///
/// Parameters that only later versions of libpq know are taken out first: what the application's libpq accepts must not
/// fail because ours is older.
enum ConninfoText {
  /// A conninfo string that libpq does not accept, with its words.
  struct Malformed: Error {
    let message: String
  }

  /// Whether libpq would take a database's "name" for a conninfo string, by `recognized_connection_string` of
  /// fe-connect.c.
  static func isConninfo(_ text: String) -> Bool {
    text.hasPrefix("postgresql://") || text.hasPrefix("postgres://") || text.contains("=")
  }

  /// The parameters in the order of libpq's own list.
  static func parse(_ text: String) throws(Malformed) -> [(keyword: String, value: String)] {
    let (plain, later) = text.contains("://") ? splitURI(text) : splitKeywords(text)
    var message: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(plain, &message) else {
      let words = message.map { String(cString: $0) } ?? "out of memory"
      PQfreemem(message)
      throw Malformed(message: ConninfoWords.withoutQuotations(words))
    }
    defer { PQconninfoFree(options) }
    var parsed: [(String, String)] = []
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { parsed.append((String(cString: keyword), String(cString: value))) }
      option += 1
    }
    parsed += later
    // user=app"password='…' gives a user of a strange name, and a password that is shown wherever the user is.
    if let merged = parsed.first(where: { $0.0 != "password" && holdsPassword($0.1) }) {
      throw Malformed(
        message: "the value of \(merged.0) holds another “password=”; white space is missing before it")
    }
    return parsed
  }

  /// Whether this libpq knows a parameter, by its own list.
  static func isKnown(_ keyword: String) -> Bool {
    guard let options = PQconninfoParse("", nil) else { return false }
    defer { PQconninfoFree(options) }
    var option = options
    while let name = option.pointee.keyword {
      if String(cString: name) == keyword { return true }
      option += 1
    }
    return false
  }

  /// The text without the parameters that only later versions know, where this one refuses it for them.
  static func withoutLater(_ text: String) -> String {
    guard isConninfo(text), !isReadable(text) else { return text }
    let plain = (text.contains("://") ? splitURI(text) : splitKeywords(text)).0
    return isReadable(plain) ? plain : text
  }

  private static func isReadable(_ text: String) -> Bool {
    guard let options = PQconninfoParse(text, nil) else { return false }
    PQconninfoFree(options)
    return true
  }

  private static func holdsPassword(_ value: String) -> Bool {
    let plain = value.lowercased().filter { !$0.isWhitespace }
    return plain.contains("password=")
  }

  /// Takes later parameters out of a URI's query.
  private static func splitURI(_ text: String) -> (String, [(String, String)]) {
    guard let mark = text.lastIndex(of: "?") else { return (text, []) }
    var later: [(String, String)] = []
    let kept = text[text.index(after: mark)...].split(separator: "&").filter { parameter in
      let parts = parameter.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, ConninfoWords.laterKeywords.contains(String(parts[0])) else { return true }
      later.append((String(parts[0]), decoded(parts[1])))
      return false
    }
    guard !later.isEmpty else { return (text, []) }
    return (text[..<mark] + (kept.isEmpty ? "" : "?" + kept.joined(separator: "&")), later)
  }

  /// A URI's text with its percent-escapes resolved (RFC 3986 §2.1); what is no escape stays.
  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Takes later parameters out of a string of keywords and values, by libpq's own grammar (`conninfo_parse`).
  private static func splitKeywords(_ text: String) -> (String, [(String, String)]) {
    var later: [(String, String)] = []
    var kept = ""
    var rest = text[...]
    while !rest.isEmpty {
      let start = rest
      rest = rest.drop { $0.isWhitespace }
      let keyword = rest.prefix { $0 != "=" && !$0.isWhitespace }
      rest = rest[keyword.endIndex...].drop { $0.isWhitespace }
      guard rest.first == "=" else {
        // Not a pair: libpq says so in its own words.
        kept += start
        break
      }
      rest = rest.dropFirst().drop { $0.isWhitespace }
      let value = takeValue(&rest)
      if ConninfoWords.laterKeywords.contains(String(keyword)) {
        later.append((String(keyword), value))
      } else {
        kept += start[..<rest.startIndex]
      }
    }
    return (kept, later)
  }

  /// A value up to white space, or in single quotes; a backslash protects the character after it.
  private static func takeValue(_ rest: inout Substring) -> String {
    let isQuoted = rest.first == "'"
    if isQuoted { rest = rest.dropFirst() }
    var value = ""
    while let character = rest.first {
      if !isQuoted, character.isWhitespace { break }
      rest = rest.dropFirst()
      if isQuoted, character == "'" { break }
      if character == "\\", let next = rest.popFirst() {
        value.append(next)
      } else {
        value.append(character)
      }
    }
    return value
  }
}
