/// Finds what of a line must not be shown: tokens, passwords, keys.
///
/// It rather hides a word too many than one too few: what it hides is shown as a word, and the line's number leads to
/// the rest.
struct SecretRanges {
  private let bytes: UnsafeRawBufferPointer
  private var ranges: [Range<Int>] = []

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
    return merged(secrets.ranges)
  }

  private init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  private static func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
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
    if let signed { ranges.append(signed..<word.upperBound) }
    if let scheme = index(of: "://", in: word), let at = lastIndex(of: UInt8(ascii: "@"), in: word),
      scheme < at
    {
      // The user ends at the first colon; a password may have any character, a raw token's slashes among them.
      if let colon = index(of: ":", in: (scheme + 3)..<at) { ranges.append((colon + 1)..<at) }
    }
    // Session tokens, JSON web tokens, assertions: long, and of letters that encodings use.
    var start = word.lowerBound
    for index in word.lowerBound...word.upperBound
    where index == word.upperBound || !bytes[index].isOpaque {
      if index - start >= Self.opaqueLength { ranges.append(start..<index) }
      start = index + 1
    }
  }

  /// No host name, path of a file or UUID is as long without any other character in it.
  private static let opaqueLength = 100

  /// `password=…`, `"secret_access_key": "…"`, `PASSWORD '…'`, `Bearer …`.
  private mutating func findAssignments() {
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "="), UInt8(ascii: ":"):
        guard let (name, _) = name(before: index) else { continue }
        if name == "authorization" {
          hide(from: index + 1, to: bytes[index...].firstIndex(where: \.isQuote) ?? bytes.count)
        } else if Self.names.contains(where: name.hasSuffix) {
          hideValue(after: index + 1)
        }
      case UInt8(ascii: "'"):
        // SQL's PASSWORD 'text' and IDENTIFIED BY 'text'.
        guard let (word, start) = name(before: index) else { continue }
        if word == "password" || word == "by" && name(before: start)?.name == "identified" {
          hideValue(after: index)
        }
      case UInt8(ascii: " "):
        if name(before: index)?.name == "bearer" { hideValue(after: index + 1) }
      default: break
      }
    }
  }

  private static let names = [
    "password", "passwd", "passphrase", "pwd", "secret", "token", "accesskey", "access_key", "samlresponse",
    "assertion", "apikey", "api_key", "credential", "credentials", "signature",
  ]

  /// What such names are followed by in messages: `(using password: YES)`.
  private static let harmless = ["yes", "no", "true", "false", "null", "none"]

  /// The word before `index`, in lower case, and where it begins; quotation marks and spaces may lie in between.
  private func name(before index: Int) -> (name: String, start: Int)? {
    var end = index
    while end > 0, bytes[end - 1].isQuote || bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
    var start = end
    while start > 0, end - start < 32, bytes[start - 1].isName { start -= 1 }
    guard start < end else { return nil }
    return (String(decoding: bytes[start..<end], as: UTF8.self).lowercased(), start)
  }

  /// Hides what begins at `index`, after spaces: a quoted text, or up to the next white space.
  private mutating func hideValue(after index: Int) {
    var start = index
    while start < bytes.count, bytes[start] == UInt8(ascii: " ") || bytes[start] == UInt8(ascii: "=") {
      start += 1
    }
    guard start < bytes.count else { return }
    var end = start
    if bytes[start].isQuote {
      let quote = bytes[start]
      start += 1
      end = start
      while end < bytes.count, bytes[end] != quote { end += bytes[end] == UInt8(ascii: "\\") ? 2 : 1 }
      end = min(end, bytes.count)
    } else {
      while end < bytes.count, !bytes[end].endsWord { end += 1 }
      let word = String(decoding: bytes[start..<end].prefix(8), as: UTF8.self).lowercased()
      if Self.harmless.contains(word.filter(\.isLetter)) { return }
    }
    hide(from: start, to: end)
  }

  private mutating func hide(from start: Int, to end: Int) {
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
  fileprivate var isName: Bool { isLetterOrDigit || self == UInt8(ascii: "_") || self == UInt8(ascii: "-") }
  /// The letters of Base64 in all its forms, of percent-encoding and of JSON web tokens.
  fileprivate var isOpaque: Bool {
    isName || self == UInt8(ascii: "+") || self == UInt8(ascii: "/") || self == UInt8(ascii: "=")
      || self == UInt8(ascii: "%") || self == UInt8(ascii: ".")
  }
}
