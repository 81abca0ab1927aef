internal import AccessModel

/// Passwords as particular programs and files have them.
extension SecretRanges {
  /// SQL's PASSWORD and IDENTIFIED BY.
  func isSQLPassword(before index: Int) -> Bool {
    guard let (word, start) = name(before: index) else { return false }
    return word == "password" || word == "by" && name(before: start)?.name == "identified"
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

  /// `$$…$$` and `$tag$…$tag$`.
  mutating func hideDollarQuoted(from index: Int) {
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
      guard let open = bytes[..<close].lastIndex(of: UInt8(ascii: "<")), close - open < 200, open + 1 < close,
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
