/// Secrets that are on more than one line.
extension SecretRanges {
  /// The ranges in a line, when what began in the lines before it goes on in it: a password on the line below its name,
  /// or one with a line break in it.
  static func all(in line: UnsafeRawBufferPointer, after earlier: some Collection<UInt8>) -> [Range<Int>] {
    let own = all(in: line)
    guard !earlier.isEmpty else { return own }
    let text = Array(earlier) + Array(line)
    let start = text.count - line.count
    let continued = text.withUnsafeBytes { bytes in
      var secrets = SecretRanges(bytes: bytes, spansLines: true)
      secrets.findQuoted()
      secrets.findElements()
      secrets.findKeys()
      return secrets.ranges
    }
    return merged(
      own
        + continued.filter { $0.upperBound > start }.map {
          max(0, $0.lowerBound - start)..<($0.upperBound - start)
        })
  }

  /// Passwords in quotation marks, wherever in a text of several lines they are.
  private mutating func findQuoted() {
    for (index, byte) in bytes.enumerated() {
      switch byte {
      case UInt8(ascii: "="), UInt8(ascii: ":"):
        guard let (name, _) = name(before: index), Self.names.contains(where: name.hasSuffix) else {
          continue
        }
        var start = index + 1
        while start < bytes.count, bytes[start] <= 0x20 || bytes[start] == UInt8(ascii: "\\") { start += 1 }
        if start < bytes.count, bytes[start].isQuote {
          hide(from: start + 1, to: end(of: start, escapedBy: 0))
        }
      case UInt8(ascii: "'"):
        if isSQLPassword(before: literalStart(index)) {
          hide(from: index + 1, to: end(of: index, escapedBy: 0))
        }
      case UInt8(ascii: "$"):
        hideDollarQuoted(from: index)
      default: break
      }
    }
  }
}
