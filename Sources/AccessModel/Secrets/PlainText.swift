/// A text without what programs put around and into it on its way: percent-escapes, escapes of JSON and XML, quotation
/// marks, white space, capitals. Two texts that say the same are the same here, however they were written.
struct PlainText {
  private(set) var bytes: [UInt8] = []
  /// Where each byte comes from.
  private(set) var origins: [Range<Int>] = []
  /// For each place the ``gram`` bytes from there on, as a number; fewer places than bytes.
  private(set) var grams: [UInt64] = []

  /// Bytes that are looked up together.
  static let gram = 6

  init(_ text: some StringProtocol) {
    let source = Array(text.utf8)
    bytes.reserveCapacity(source.count)
    origins.reserveCapacity(source.count)
    var position = 0
    while position < source.count {
      var (byte, end) = Self.next(in: source, at: position)
      // What was encoded twice: %2525, &#37;25.
      while byte == UInt8(ascii: "%"), let (decoded, rest) = Self.byte(in: source, at: end) {
        (byte, end) = (decoded, rest)
      }
      if !Self.isBetween(byte) {
        bytes.append(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte)
        origins.append(position..<end)
      }
      position = end
    }
    grams = Self.grams(of: bytes)
  }

  /// Each number from the one before it, so that a long text takes no longer for it.
  static func grams(of bytes: [UInt8]) -> [UInt64] {
    guard bytes.count >= gram else { return [] }
    var grams: [UInt64] = []
    grams.reserveCapacity(bytes.count)
    var key: UInt64 = 0
    for (place, byte) in bytes.enumerated() {
      key = (key << 8 | UInt64(byte)) & (1 << (8 * UInt64(gram)) - 1)
      if place >= gram - 1 { grams.append(key) }
    }
    return grams
  }

  /// The byte whose two digits, each decoded once, are at a place, and what follows them.
  private static func byte(in source: [UInt8], at position: Int) -> (UInt8, Int)? {
    guard position < source.count else { return nil }
    let (high, middle) = next(in: source, at: position)
    guard middle < source.count else { return nil }
    let (low, end) = next(in: source, at: middle)
    return hexadecimal([high, low][...]).map { ($0, end) }
  }

  /// The character at a place, decoded, and where the next one begins.
  private static func next(in source: [UInt8], at position: Int) -> (UInt8, Int) {
    let byte = source[position]
    func code(after prefix: String, digits: Int) -> (UInt8, Int)? {
      let end = position + prefix.utf8.count + digits
      guard end <= source.count, source[position...].starts(with: prefix.utf8),
        let decoded = hexadecimal(source[(end - digits)..<end])
      else { return nil }
      return (decoded, end)
    }
    switch byte {
    case UInt8(ascii: "%"): return code(after: "%", digits: 2) ?? (byte, position + 1)
    case UInt8(ascii: "\\"):
      return code(after: "\\u00", digits: 2) ?? code(after: "\\x", digits: 2) ?? (byte, position + 1)
    case UInt8(ascii: "&"):
      for (name, character) in entities where source[position...].starts(with: name.utf8) {
        return (character, position + name.utf8.count)
      }
      return reference(in: source, at: position) ?? (byte, position + 1)
    default: return (byte, position + 1)
    }
  }

  private static let entities: [(String, UInt8)] = [
    ("&amp;", UInt8(ascii: "&")), ("&lt;", UInt8(ascii: "<")), ("&gt;", UInt8(ascii: ">")),
    ("&quot;", UInt8(ascii: "\"")), ("&apos;", UInt8(ascii: "'")),
  ]

  /// `&#83;` and `&#x53;`, the numeric character references of HTML and XML, for ASCII.
  private static func reference(in source: [UInt8], at position: Int) -> (UInt8, Int)? {
    let number = source[position...].prefix(longestReference)
    guard number.starts(with: "&#".utf8), let end = number.firstIndex(of: UInt8(ascii: ";")) else {
      return nil
    }
    let digits = String(decoding: number[(position + 2)..<end], as: UTF8.self)
    let isHexadecimal = digits.first == "x" || digits.first == "X"
    let code = isHexadecimal ? UInt8(digits.dropFirst(), radix: 16) : UInt8(digits)
    return code.flatMap { $0 < 0x80 ? ($0, end + 1) : nil }
  }

  /// `&#x00053;`, with a few zeros.
  private static let longestReference = 10

  private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt8? {
    var value: UInt8 = 0
    for digit in digits {
      let number: UInt8
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): number = digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): number = digit - UInt8(ascii: "a") + 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): number = digit - UInt8(ascii: "A") + 10
      default: return nil
      }
      value = value << 4 | number
    }
    return value
  }

  /// What quoting, wrapping and encoding add or change: white space, of which a plus sign is one in a query; control
  /// characters; quotation marks and backslashes.
  private static func isBetween(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == 0x7F || "+\"'`\\".utf8.contains(byte)
  }
}
