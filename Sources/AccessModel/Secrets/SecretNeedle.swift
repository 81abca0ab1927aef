/// A secret as it is looked for.
struct SecretNeedle: Sendable, Hashable {
  /// The secret as ``PlainText`` has it.
  let bytes: [UInt8]
  /// The fewest bytes from the secret's beginning or up to its end that are hidden; nil hides nothing but the whole.
  private var leastAtAnEnd: Int?
  /// The fewest bytes from somewhere within the secret that are hidden.
  private let leastWithin: Int
  /// Where in the secret each row of ``gram`` bytes begins.
  private let index: [UInt64: [Int]]

  /// Bytes that are looked up together. Less of a secret tells little, and is part of many words.
  private static let gram = PlainText.gram
  /// Places in a secret that repeats itself that are tried.
  private static let mostRepeated = 8

  /// The secret itself; of a database token the parts that are secret, and all of it from its first parameter on: the
  /// host before that is no secret, and stands in most messages.
  static func all(of secret: Secret) -> [SecretNeedle] {
    let texts = [secret.exposed] + secretParts(of: secret.exposed)
    let encoded = texts.flatMap { Base64Form.all(of: Array($0.utf8)) + [hexadecimal($0)] }
    return needles(of: secret) + encoded.compactMap { SecretNeedle(PlainText($0).bytes) }
  }

  /// Two digits a byte, as `encode(…, 'hex')` and dumps have it; nothing of less than four, which any number may be.
  private static func hexadecimal(_ text: String) -> String {
    guard text.utf8.count >= 4 else { return "" }
    return text.utf8.map { ($0 < 0x10 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The same needle, which hides nothing but the whole.
  var whole: SecretNeedle {
    var copy = self
    copy.leastAtAnEnd = nil
    return copy
  }

  /// Of a database token the values that are secret, and the session token as it was before it was encoded.
  private static func secretParts(of text: String) -> [String] {
    ["X-Amz-Signature=", "X-Amz-Security-Token="].compactMap { name in
      text.firstRange(of: name).map { String(text[$0.upperBound...].prefix { $0 != "&" }) }
    }.flatMap { value in
      let decoded = percentDecoded(value)
      return decoded == value ? [value] : [value, decoded]
    }
  }

  private static func percentDecoded(_ text: String) -> String {
    let pieces = text.split(separator: "%", omittingEmptySubsequences: false)
    let bytes = pieces.dropFirst().flatMap { piece -> [UInt8] in
      guard let byte = UInt8(piece.prefix(2), radix: 16) else { return Array("%\(piece)".utf8) }
      return [byte] + piece.dropFirst(2).utf8
    }
    return String(decoding: Array((pieces.first ?? "").utf8) + bytes, as: UTF8.self)
  }

  private static func needles(of secret: Secret) -> [SecretNeedle] {
    let plain = PlainText(secret.exposed).bytes
    guard let query = plain.firstRange(of: Array("action=".utf8)),
      plain.firstRange(of: Array("x-amz-".utf8)) != nil
    else { return SecretNeedle(plain).map { [$0] } ?? [] }
    let token = SecretNeedle(Array(plain[query.lowerBound...]), leastAtAnEnd: 24, leastWithin: 32)
    let values = ["x-amz-signature=", "x-amz-security-token="].compactMap { name in
      plain.firstRange(of: Array(name.utf8)).flatMap { place in
        SecretNeedle(Array(plain[place.upperBound...].prefix { $0 != UInt8(ascii: "&") }))
      }
    }
    return values + [token].compactMap(\.self)
  }

  /// - Parameter bytes: as ``PlainText`` has them. Nil when they are empty, or no secret but a word of every message.
  private init?(_ bytes: [UInt8], leastAtAnEnd: Int? = nil, leastWithin: Int? = nil) {
    guard !bytes.isEmpty, !Self.isCommon(bytes[...]) else { return nil }
    self.bytes = bytes
    // Half of a short one; a dozen bytes of a long one.
    self.leastAtAnEnd = leastAtAnEnd ?? (bytes.count < 8 ? nil : min(max(bytes.count / 2, Self.gram), 12))
    self.leastWithin = leastWithin ?? min(max(bytes.count * 3 / 4, Self.gram), 24)
    var index: [UInt64: [Int]] = [:]
    for (place, key) in PlainText.grams(of: bytes).enumerated() {
      if index[key, default: []].count < Self.mostRepeated { index[key, default: []].append(place) }
    }
    self.index = index
  }

  /// Where a text has the secret, or enough of it.
  func places(in text: PlainText) -> [Range<Int>] {
    bytes.count < Self.gram ? wholePlaces(in: text) : partialPlaces(in: text)
  }

  /// A short secret is hidden as a whole; one of less than four bytes where it is a word, not in the midst of others.
  private func wholePlaces(in text: PlainText) -> [Range<Int>] {
    var places: [Range<Int>] = []
    var start = 0
    while start + bytes.count <= text.bytes.count {
      let place = start..<(start + bytes.count)
      let isThere = text.bytes[place].elementsEqual(bytes) && (bytes.count >= 4 || isWord(place, text))
      if isThere { places.append(place) }
      start += isThere ? bytes.count : 1
    }
    return places
  }

  private func isWord(_ place: Range<Int>, _ text: PlainText) -> Bool {
    /// Whether a letter or digit stands right beside it, with nothing between them in the original.
    func continues(_ one: Int, _ other: Int) -> Bool {
      text.bytes.indices.contains(one) && text.bytes.indices.contains(other)
        && text.origins[one].upperBound == text.origins[other].lowerBound
        && text.bytes[one].isASCIIAlphanumeric && text.bytes[other].isASCIIAlphanumeric
    }
    return !continues(place.lowerBound - 1, place.lowerBound)
      && !continues(place.upperBound - 1, place.upperBound)
  }

  private func partialPlaces(in text: PlainText) -> [Range<Int>] {
    var places: [Range<Int>] = []
    var start = 0
    while start < text.grams.count {
      let tries = (index[text.grams[start]] ?? []).map { shared(with: text, start, from: $0) }
      guard let best = tries.max(by: { $0.length < $1.length }) else {
        start += 1
        continue
      }
      if best.isTelling { places.append(start..<(start + best.length)) }
      // The rest of a common word is part of no secret either.
      start += best.isTelling || best.isCommon ? best.length : 1
    }
    return places
  }

  /// How many bytes from `start` on are the secret's from `place` on, and whether they tell something of it.
  private func shared(
    with text: PlainText, _ start: Int, from place: Int
  ) -> (length: Int, isTelling: Bool, isCommon: Bool) {
    var length = Self.gram
    while start + length < text.bytes.count, place + length < bytes.count,
      text.bytes[start + length] == bytes[place + length]
    {
      length += 1
    }
    if length == bytes.count { return (length, true, false) }
    guard let leastAtAnEnd else { return (length, false, false) }
    if Self.isCommon(text.bytes[start..<(start + length)]) { return (length, false, true) }
    let isAtAnEnd = place == 0 || place + length == bytes.count
    return (length, length >= (isAtAnEnd ? leastAtAnEnd : leastWithin), false)
  }

  /// Words of PostgreSQL's and libpq's messages: neither secrets nor parts that tell something of one.
  private static func isCommon(_ bytes: ArraySlice<UInt8>) -> Bool {
    common.contains(String(decoding: bytes, as: UTF8.self))
  }

  private static let common: Set<String> = [
    "password", "postgres", "postgresql", "authentication", "connection", "database", "server", "failed",
    "fatal",
    "error", "role", "user", "master", "admin", "password=", "permission", "amazonaws", "postgres:", "secret",
  ]
}
