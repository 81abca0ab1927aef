/// Finds what of a line must not be shown: tokens, passwords, keys.
///
/// It rather hides a word too many than one too few: what it hides is shown as a word, and the line's number leads to
/// the rest.
struct SecretRanges {
  let bytes: UnsafeRawBufferPointer
  private(set) var ranges: [Range<Int>] = []
  /// Whether a line break is white space like any other.
  private let spansLines: Bool
  /// Where comments of SQL begin, by their ends.
  let comments: [Int: Int]

  /// The ranges in `bytes`, sorted and apart from each other.
  static func all(in bytes: UnsafeRawBufferPointer) -> [Range<Int>] {
    var secrets = SecretRanges(bytes: bytes)
    var start: Int?
    for index in 0...bytes.count {
      let isEnd = index == bytes.count || bytes[index].endsWord
      if isEnd, let begin = start {
        secrets.lookAt(word: begin..<index)
        start = nil
      } else if !isEnd, start == nil {
        start = index
      }
    }
    secrets.findAssignments()
    secrets.findElements()
    secrets.findKeys()
    return merged(secrets.ranges)
  }

  init(bytes: UnsafeRawBufferPointer, spansLines: Bool = false) {
    self.bytes = bytes
    self.spansLines = spansLines
    comments = Self.comments(in: bytes)
  }

  static func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
    var merged: [Range<Int>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    return merged
  }

  /// A run of characters without white space or quotation marks.
  private mutating func lookAt(word: Range<Int>) {
    guard word.count >= 8 else { return }
    let signed = ["Action=", "Action%3D", "X-Amz-", "x-amz-"].compactMap { index(of: $0, in: word) }.min()
    if let signed {
      // Of a token that was wrapped, what stands in front is the value of a parameter whose name is on another line.
      let isFollowing = signed > word.lowerBound && bytes[signed - 1] == UInt8(ascii: "&")
      let query = lastIndex(of: UInt8(ascii: "?"), in: word.lowerBound..<signed)
      ranges.append((isFollowing ? query ?? word.lowerBound : signed)..<word.upperBound)
    }
    if let scheme = index(of: "://", in: word), let at = lastIndex(of: UInt8(ascii: "@"), in: word),
      scheme < at
    {
      // The user ends at the first colon; a password may have any character, a raw token's slashes among them.
      if let colon = index(of: ":", in: (scheme + 3)..<at) { ranges.append((colon + 1)..<at) }
    }
    findPasswordLine(in: word)
    findAddress(in: word)
    findEncodedQuery(in: word)
    // Session tokens, JSON web tokens, assertions: long, and of letters that encodings use.
    var start = word.lowerBound
    for index in word.lowerBound...word.upperBound
    where index == word.upperBound || !bytes[index].isOpaque {
      if index - start >= Self.opaqueLength { ranges.append(start..<index) }
      if index - start >= Self.webTokenLength, let token = self.index(of: "eyJ", in: start..<index),
        index - token >= Self.webTokenLength
      {
        ranges.append(token..<index)
      }
      start = index + 1
    }
  }

  /// No host name, path of a file or UUID is as long without any other character in it.
  private static let opaqueLength = 100
  /// The fewest bytes of a JSON web token, whose first are those of `{"` in Base64: even a cut one has as many.
  private static let webTokenLength = 12

  /// `password=…`, `"secret_access_key": "…"`, `PASSWORD '…'`, `Bearer …`, `--password …`, `mysql -p…`.
  private mutating func findAssignments() {
    // Elsewhere -p is a port.
    let client = ["mysql", "mariadb"].compactMap { bytes.firstIndex(of: Array($0.utf8), from: 0) }.min()
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "="), UInt8(ascii: ":"):
        guard let (name, _) = name(before: index) else { continue }
        if name.hasSuffix("authorization") {
          let start = bytes[(index + 1)...].firstIndex { !$0.isBetween } ?? bytes.count
          hide(from: start, to: bytes[start...].firstIndex(where: \.isQuote) ?? bytes.count)
        } else if Self.names.contains(where: name.hasSuffix)
          || name == "value" && isNamedSecret(before: index) || isParameter(before: index)
        {
          hideValue(after: index + 1)
        }
      case UInt8(ascii: "'"):
        // PASSWORD 'text', PASSWORD E'text', IDENTIFIED BY 'text'.
        if isSQLPassword(before: literalStart(index)) { hideValue(after: index) }
      case UInt8(ascii: "$"):
        hideDollarQuoted(from: index)
      case UInt8(ascii: " "):
        guard let (name, _) = name(before: index) else { continue }
        if name == "bearer" || Self.isOption(name) { hideValue(after: index + 1) }
      case UInt8(ascii: ","):
        // A command's words in a list: ["--password", "…"].
        if let (name, _) = name(before: index), Self.isOption(name) { hideValue(after: index + 1) }
      case UInt8(ascii: "-"):
        hideUser(ofOptionAt: index)
        hidePassword(ofOptionAt: index)
        if let client, client < index, index + 2 < bytes.count, bytes[index + 1] == UInt8(ascii: "p"),
          bytes[index - 1] == UInt8(ascii: " ") || bytes[index - 1].isQuote, bytes[index + 2] > 0x20
        {
          hideValue(after: index + 2)
        }
      default: break
      }
    }
  }

  static let names = [
    "password", "passwd", "passphrase", "pwd", "secret", "token", "accesskey", "access_key", "samlresponse",
    "assertion", "apikey", "api_key", "api-key", "credential", "credentials", "signature", "sig", "pass",
    "passcode", "scram_client_key", "scram_server_key", "accountkey", "account_key", "access-key",
    "privatekey",
    "private_key", "private-key",
  ]

  /// Whether a command's option of this name has a secret for its value, which may be the next word.
  private static func isOption(_ name: String) -> Bool {
    name.contains("--") && names.contains(where: name.hasSuffix)
  }

  /// What such names are followed by in messages: `(using password: YES)`.
  private static let harmless = ["yes", "no", "true", "false", "null", "none"]

  /// The word before `index`, in lower case, and where it begins; quotation marks, spaces and
  /// backslashes may lie in between.
  func name(before index: Int) -> (name: String, start: Int)? {
    var end = index
    while end > 0, bytes[end - 1].isBetween || spansLines && bytes[end - 1] <= 0x20 { end -= 1 }
    var start = end
    while start > 0, end - start < 32, bytes[start - 1].isName { start -= 1 }
    guard start < end else { return nil }
    return (String(decoding: bytes[start..<end], as: UTF8.self).lowercased(), start)
  }

  /// Hides what begins at `index`, after spaces: a quoted text, or up to the next white space.
  mutating func hideValue(after index: Int) {
    var start = index
    while start < bytes.count, " =>".utf8.contains(bytes[start]) { start += 1 }
    let quote = bytes[min(start, bytes.count)...].firstIndex { $0 != UInt8(ascii: "\\") } ?? bytes.count
    if quote < bytes.count, bytes[quote].isQuote {
      let end = end(of: quote, escapedBy: quote - start)
      // A shell joins what stands side by side: "a b"'c'd.
      let isJoined =
        quote == start && end + 1 < bytes.count && (bytes[end + 1].isQuote || bytes[end + 1].isName)
      hide(from: quote + 1, to: isJoined ? endOfJoined(from: end + 1) ?? end : end)
      return
    }
    let end = endOfJoined(from: start) ?? start
    let isOption =
      start < end && bytes[start] == UInt8(ascii: "-") && bytes[..<start].last == UInt8(ascii: " ")
    if !isOption, !isHarmless(start..<end) { hide(from: start, to: end) }
  }

  /// Where a word ends that begins at `index`, with the quoted texts in it and what backslashes protect; nil when there is
  /// none.
  private func endOfJoined(from index: Int) -> Int? {
    var end = index
    while end < bytes.count {
      let isLast = end + 1 == bytes.count
      if bytes[end] == UInt8(ascii: "\\"), !isLast, "' \t".utf8.contains(bytes[end + 1]) {
        end += 2
      } else if bytes[end].isQuote, end > index || end > 0 && bytes[end - 1].isQuote,
        let close = joined(from: end)
      {
        end = close + 1
      } else if bytes[end].endsWord {
        break
      } else {
        end += 1
      }
    }
    return end > index ? end : nil
  }

  /// Where the text that a quotation mark within a word begins has its other mark; nil when there is none, or the mark
  /// rather belongs to a document around the word.
  private func joined(from quote: Int) -> Int? {
    guard let close = bytes[(quote + 1)...].firstIndex(of: bytes[quote]), close > quote + 1 else {
      return nil
    }
    let (first, next) = (bytes[quote + 1], close + 1 < bytes.count ? bytes[close + 1] : 0x20)
    // In a document the mark ends a text, and a separator follows.
    guard first > 0x20, !",;:)]}>=/".utf8.contains(first), next.endsWord || next.isName || next == 0x5C else {
      return nil
    }
    return close
  }

  /// Where the text ends that the quotation mark at `start` begins.
  ///
  /// - Parameter depth: backslashes before that mark: 1 in a JSON document within another, 3 in one within that. A mark
  ///   within the text has more of them, and one of a document around it fewer.
  func end(of start: Int, escapedBy depth: Int) -> Int {
    var backslashes = 0
    var isSecondMark = false
    for index in (start + 1)..<max(start + 1, bytes.count) {
      if bytes[index] == UInt8(ascii: "\\") {
        backslashes += 1
      } else {
        let isEnd = backslashes < depth || backslashes % (2 * (depth + 1)) == depth
        if bytes[index] == bytes[start], isEnd {
          // SQL and CSV double a mark within a text.
          let isDoubled =
            depth == 0 && (isSecondMark || index + 1 < bytes.count && bytes[index + 1] == bytes[start])
          if !isDoubled { return index - min(backslashes, depth) }
          isSecondMark.toggle()
        }
        backslashes = 0
      }
    }
    return bytes.count
  }

  private func isHarmless(_ word: Range<Int>) -> Bool {
    guard word.count <= 8 else { return false }
    let text = String(decoding: bytes[word], as: UTF8.self).lowercased()
    let letters = text.prefix(while: \.isLetter)
    return Self.harmless.contains(String(letters)) && !text[letters.endIndex...].contains(where: \.isNumber)
  }

  mutating func hide(from start: Int, to end: Int) {
    if start < end { ranges.append(start..<end) }
  }

  private func index(of text: String, in range: Range<Int>) -> Int? {
    let part = UnsafeRawBufferPointer(rebasing: bytes[range])
    return part.firstIndex(of: Array(text.utf8), from: 0).map { $0 + range.lowerBound }
  }

  private func lastIndex(of byte: UInt8, in range: Range<Int>) -> Int? { bytes[range].lastIndex(of: byte) }
}

extension UInt8 {
  var isQuote: Bool { self == UInt8(ascii: "\"") || self == UInt8(ascii: "'") || self == UInt8(ascii: "`") }
  /// What stands between a name and what follows it.
  fileprivate var isBetween: Bool { isQuote || self == UInt8(ascii: " ") || self == UInt8(ascii: "\\") }
  /// White space, control characters, quotation marks, angle brackets: no part of a token or URI.
  var endsWord: Bool {
    self <= 0x20 || self == 0x7F || isQuote || self == UInt8(ascii: "<") || self == UInt8(ascii: ">")
  }
  fileprivate var isLetterOrDigit: Bool {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: false
    }
  }
  var isName: Bool { isLetterOrDigit || self == UInt8(ascii: "_") || self == UInt8(ascii: "-") }
  /// The letters of Base64 in all its forms, of percent-encoding and of JSON web tokens.
  fileprivate var isOpaque: Bool {
    isName || self == UInt8(ascii: "+") || self == UInt8(ascii: "/") || self == UInt8(ascii: "=")
      || self == UInt8(ascii: "%") || self == UInt8(ascii: ".")
  }
}
