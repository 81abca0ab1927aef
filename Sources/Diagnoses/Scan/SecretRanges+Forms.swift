internal import AccessModel

/// Passwords as particular programs and files have them.
extension SecretRanges {
  /// `$1` before an equals sign, and a text behind that: a value that a statement was run with, `parameters: $1 = '…'`.
  /// Which of them is a password nobody knows.
  func isParameter(before index: Int) -> Bool {
    guard let (word, start) = name(before: index), start > 0 else { return false }
    let value = bytes[(index + 1)...].first { $0 != UInt8(ascii: " ") }
    return word.utf8.allSatisfy(\.isASCIIDigit) && bytes[start - 1] == UInt8(ascii: "$")
      && value == UInt8(ascii: "'")
  }

  /// `user:password@host:5432` and `user:password@host/database`, without a scheme.
  mutating func findAddress(in word: Range<Int>) {
    guard let at = bytes[word].lastIndex(of: UInt8(ascii: "@")),
      let colon = bytes[word.lowerBound..<at].firstIndex(of: UInt8(ascii: ":")), colon + 1 < at,
      bytes[colon + 1] != UInt8(ascii: "/"), isUser(before: colon, in: word), isPlace(at + 1, in: word)
    else { return }
    hide(from: colon + 1, to: at)
  }

  /// Whether a name ends at `end` that begins the word, or a value in it.
  private func isUser(before end: Int, in word: Range<Int>) -> Bool {
    var start = end
    while start > word.lowerBound, bytes[start - 1].isHostName { start -= 1 }
    return bytes[start..<end].contains { $0.isName && !$0.isASCIIDigit }
      && (start == word.lowerBound || "=([{,;".utf8.contains(bytes[start - 1]))
  }

  /// Whether a host stands here with its port or database. A log's own prefix has the like: `app@orders:[4711]:FATAL`.
  private func isPlace(_ start: Int, in word: Range<Int>) -> Bool {
    let end = bytes[start..<word.upperBound].firstIndex { !$0.isHostName } ?? word.upperBound
    guard end > start, end + 1 < word.upperBound else { return false }
    if bytes[end] == UInt8(ascii: "/") { return bytes[end + 1].isName }
    let rest = bytes[(end + 1)..<word.upperBound].drop(while: \.isASCIIDigit)
    let digits = rest.startIndex - end - 1
    return bytes[end] == UInt8(ascii: ":") && 1...5 ~= digits
      && (rest.first.map { "/,;.?)]}".utf8.contains($0) } ?? true)
  }

  /// `sshpass -p password`, `redis-cli -a password`, where elsewhere those letters mean something else.
  mutating func hidePassword(ofOptionAt index: Int) {
    guard index > 0, bytes[index - 1] <= 0x20, index + 2 < bytes.count else { return }
    for (program, letter) in [("sshpass", "p"), ("redis-cli", "a")]
    where bytes[index + 1] == letter.utf8.first {
      guard let place = bytes.firstIndex(of: Array(program.utf8), from: 0), place < index else { continue }
      hideValue(after: index + 2)
    }
  }

  /// Private keys: what stands between `-----BEGIN … PRIVATE KEY-----` and the end.
  mutating func findKeys() {
    var position = 0
    while let header = bytes.firstIndex(of: Array("PRIVATE KEY-----".utf8), from: position) {
      let start = header + "PRIVATE KEY-----".utf8.count
      let end = bytes.firstIndex(of: Array("-----END".utf8), from: start) ?? bytes.count
      hide(from: start, to: end)
      position = end == bytes.count ? end : min(bytes.count, end + "-----END RSA PRIVATE KEY-----".utf8.count)
    }
  }

  /// Where the literal begins whose first apostrophe is at `index`: `E'…'`, `U&'…'`.
  func literalStart(_ index: Int) -> Int {
    func isPrefix(_ text: String) -> Bool {
      let start = index - text.utf8.count
      guard start >= 0, start == 0 || !bytes[start - 1].isName else { return false }
      return zip(bytes[start..<index], text.utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }
    return ["e", "u&"].first(where: isPrefix).map { index - $0.utf8.count } ?? index
  }

  /// `PASSWORD $$…$$` and `PASSWORD $tag$…$tag$`.
  mutating func hideDollarQuoted(from index: Int) {
    guard index > 0, bytes[index - 1] <= 0x20 || bytes[index - 1] == UInt8(ascii: "/"),
      isSQLPassword(before: index)
    else { return }
    guard let second = bytes[(index + 1)...].firstIndex(where: { !$0.isName }),
      bytes[second] == UInt8(ascii: "$")
    else { return }
    let tag = Array(bytes[index...second])
    let end = bytes.firstIndex(of: tag, from: second + 1) ?? bytes.count
    hide(from: second + 1, to: end)
  }

  /// `curl -u user:password`, `curl --user=user:password`: what is behind the colon.
  mutating func hideUser(ofOptionAt index: Int) {
    guard index == 0 || bytes[index - 1] <= 0x20 || bytes[index - 1].isQuote else { return }
    guard bytes.firstIndex(of: Array("curl".utf8), from: 0).map({ $0 < index }) == true else { return }
    let rest = bytes[index...]
    guard let option = ["--proxy-user", "--user", "-u", "-U"].first(where: { rest.starts(with: $0.utf8) })
    else {
      return
    }
    var start = index + option.utf8.count
    while start < bytes.count,
      bytes[start] == UInt8(ascii: " ") || bytes[start] == UInt8(ascii: "=") || bytes[start].isQuote
    {
      start += 1
    }
    let quote = start > 0 && bytes[start - 1].isQuote ? bytes[start - 1] : nil
    let end = bytes[start...].firstIndex { quote.map { [$0] }?.contains($0) ?? $0.endsWord } ?? bytes.count
    if let colon = bytes[start..<end].firstIndex(of: UInt8(ascii: ":")) { hide(from: colon + 1, to: end) }
  }

  /// A line of a password file: host:port:database:user:password, where a backslash protects a colon.
  mutating func findPasswordLine(in word: Range<Int>) {
    var starts = [word.lowerBound]
    var index = word.lowerBound
    while index < word.upperBound, starts.count < 5 {
      if bytes[index] == UInt8(ascii: "\\") {
        index += 1
      } else if bytes[index] == UInt8(ascii: ":") {
        starts.append(index + 1)
      }
      index += 1
    }
    guard starts.count == 5, zip(starts, starts.dropFirst()).allSatisfy({ $1 - $0 > 1 }) else { return }
    let host = bytes[starts[0]..<(starts[1] - 1)]
    let port = bytes[starts[1]..<(starts[2] - 1)]
    let isPort = port.elementsEqual("*".utf8) || port.count <= 5 && port.allSatisfy(\.isASCIIDigit)
    let isHost = host.contains { !$0.isASCIIDigit }
    guard isPort, isHost else { return }
    // Nothing else stands on such a line, and a password may have spaces.
    hide(from: starts[4], to: word.lowerBound == 0 ? bytes.count : word.upperBound)
  }

  /// `password%3Dx%26…`, `%22password%22%3A%22x%22`, `postgres%3A%2F%2Fu%3Ax%40h`: a query or document within a query.
  mutating func findEncodedQuery(in word: Range<Int>) {
    let text = String(decoding: bytes[word].map { $0 | ($0 >= 0x40 && $0 < 0x5B ? 0x20 : 0) }, as: UTF8.self)
    guard text.utf8.contains(UInt8(ascii: "%")), text.utf8.count == word.count else { return }
    let plain = text.replacing("%25", with: "%")
    guard plain.contains("%3d") || plain.contains("%3a") else { return }
    for sign in ["%3d", "%253d", "%3a", "%253a"] {
      for place in text.ranges(of: sign) {
        var name = text[..<place.lowerBound]
        for quote in ["%22", "%2522", "%27"] where name.hasSuffix(quote) { name = name.dropLast(quote.count) }
        guard Self.names.contains(where: name.hasSuffix) else { continue }
        hideEncoded(text, from: place.upperBound, offset: word.lowerBound)
      }
    }
    for (scheme, colon, at) in [("%3a%2f%2f", "%3a", "%40"), ("%253a%252f%252f", "%253a", "%2540")] {
      guard let scheme = text.firstRange(of: scheme), let end = text.ranges(of: at).last?.lowerBound,
        let start = text[scheme.upperBound...].firstRange(of: colon)?.upperBound, start < end
      else { continue }
      hide(
        from: word.lowerBound + text.utf8.distance(from: text.startIndex, to: start),
        to: word.lowerBound + text.utf8.distance(from: text.startIndex, to: end))
    }
  }

  private mutating func hideEncoded(_ text: String, from start: String.Index, offset: Int) {
    var start = start
    for quote in ["%22", "%2522", "%27"] where text[start...].hasPrefix(quote) {
      start = text.index(start, offsetBy: quote.count)
    }
    let rest = text[start...]
    let end =
      ["%26", "%2526", "&", "%22", "%2522"].compactMap { rest.firstRange(of: $0)?.lowerBound }.min()
      ?? text.endIndex
    hide(
      from: offset + text.utf8.distance(from: text.startIndex, to: start),
      to: offset + text.utf8.distance(from: text.startIndex, to: end))
  }

  /// XML: `<password>…</password>`, `<entry key="password">…</entry>`.
  mutating func findElements() {
    var position = 0
    while let close = bytes[position...].firstIndex(of: UInt8(ascii: ">")) {
      position = close + 1
      guard let open = bytes[max(0, close - 200)..<close].lastIndex(of: UInt8(ascii: "<")), open + 1 < close,
        bytes[open + 1] != UInt8(ascii: "/"), bytes[close - 1] != UInt8(ascii: "/")
      else { continue }
      let tag = String(decoding: bytes[(open + 1)..<close], as: UTF8.self).lowercased()
      let element = tag.prefix { $0 != " " && $0 != "\t" }
      let isSecret = Self.names.contains(where: element.hasSuffix) || isNamedSecret(before: close)
      guard isSecret else { continue }
      let end = bytes.firstIndex(of: Array("</".utf8), from: position) ?? bytes.count
      hide(from: position, to: end)
      position = end
    }
  }

  /// Whether an attribute before this place, of the same element, names a secret: `key="password"`.
  func isNamedSecret(before index: Int) -> Bool {
    guard let open = bytes[..<index].lastIndex(of: UInt8(ascii: "<")), index - open < 200 else {
      return false
    }
    let tag = String(decoding: bytes[open..<index], as: UTF8.self).lowercased()
    return Self.names.contains { tag.contains("\($0)\"") || tag.contains("\($0)'") }
  }
}

extension UInt8 {
  fileprivate var isHostName: Bool { isName || self == UInt8(ascii: ".") }
}
