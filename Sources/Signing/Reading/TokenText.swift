internal import AccessModel

/// A token's text with what is around it taken off and noted.
struct TokenText {
  let length: Int
  private(set) var blemishes: Set<TokenReading.Blemish> = []
  /// Whether the whole token was percent-encoded, as it has to be within a URI and nowhere else.
  private(set) var isEncodedAsAWhole = false
  /// The token without blemishes, or nil when this is none at all.
  private(set) var core: String?

  init(_ text: String) {
    let bytes = Array(text.utf8)
    length = bytes.count
    var rest = bytes[...]
    if rest.last == UInt8(ascii: "\n") || rest.last == UInt8(ascii: "\r") {
      blemishes.insert(.lineBreakAtEnd)
    }
    while let last = rest.last, last.isSpace { rest = rest.dropLast() }
    if rest.count < bytes.count, !bytes[rest.endIndex...].allSatisfy(\.isLineBreak) {
      blemishes.insert(.trailingSpace)
    }
    let end = rest.endIndex
    rest = rest.drop(while: \.isSpace)
    if rest.startIndex > 0, end > 0, !rest.isEmpty { blemishes.insert(.leadingSpace) }
    let isQuoted = rest.first.map(Self.isQuote) ?? false || rest.last.map(Self.isQuote) ?? false
    if rest.count > 2, isQuoted {
      blemishes.insert(.quotes)
      if rest.first.map(Self.isQuote) ?? false { rest = rest.dropFirst() }
      if rest.last.map(Self.isQuote) ?? false { rest = rest.dropLast() }
    }
    if rest.contains(where: \.isSpace) { blemishes.insert(.spaceWithin) }
    if rest.contains(where: { $0 < 0x20 && !$0.isSpace || $0 == 0x7F }) { blemishes.insert(.control) }
    let kept = rest.filter { $0 > 0x20 && $0 != 0x7F }
    let plain = String(decoding: kept, as: UTF8.self)
    if Self.isToken(plain) {
      core = plain
    } else if plain.utf8.contains(UInt8(ascii: "%")) {
      let decoded = plain.percentDecoded
      if Self.isToken(decoded) { (core, isEncodedAsAWhole) = (decoded, true) }
    }
  }

  /// A quotation mark that a shell or a file left.
  private static func isQuote(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
  }

  /// Whether there is a part that only a token has: a parameter of it, or at least an endpoint with a query behind.
  private static func isToken(_ text: String) -> Bool {
    if ["Action=", "X-Amz-Credential=", "X-Amz-Signature="].contains(where: text.has) { return true }
    guard let query = text.place(of: "/?") else { return false }
    return DatabaseEndpoint(TokenParts(String(text[..<query.upperBound])).host) != nil
  }
}

extension UInt8 {
  fileprivate var isLineBreak: Bool { self == UInt8(ascii: "\n") || self == UInt8(ascii: "\r") }
  fileprivate var isSpace: Bool { self == 0x20 || 0x09...0x0D ~= self }
}
