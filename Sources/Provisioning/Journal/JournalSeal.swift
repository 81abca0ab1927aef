internal import TLS

/// The checksum at the end of a line: a record's depends on those of all records before it.
///
/// It tells damage, and records that are missing, repeated or of another journal. It does not keep the file's owner from
/// writing one by hand; that nobody else can is the file's mode.
enum JournalSeal {
  private static let opening = Array(#","sha256":""#.utf8)
  private static let closing = Array("\"}".utf8)

  /// Its length; with the line break in place of the closing brace, also what it adds to a record.
  static let byteCount = opening.count + 2 * SHA256.length + closing.count

  /// A line made of a JSON object, and its checksum.
  static func sealed(_ object: [UInt8], after chain: [UInt8]) -> (line: [UInt8], chain: [UInt8]) {
    var line = object
    line.removeLast()
    let digest = SHA256.digest(of: chain, line)
    line.reserveCapacity(line.count + byteCount + 1)
    line += opening
    line += digest.hexadecimal.utf8
    line += closing
    line.append(UInt8(ascii: "\n"))
    return (line, digest)
  }

  /// The checksum of a line without its line break; nil when it is not the right one.
  static func chain(of line: ArraySlice<UInt8>, after chain: [UInt8]) -> [UInt8]? {
    guard line.count > byteCount else { return nil }
    let end = line.endIndex - byteCount
    let digest = SHA256.digest(of: chain, Array(line[..<end]))
    let expected = opening + Array(digest.hexadecimal.utf8) + closing
    return line[end...].elementsEqual(expected) ? digest : nil
  }
}

extension [UInt8] {
  /// Bytes from lower-case hexadecimal; nil when it is none.
  init?(hexadecimal text: some Collection<UInt8>) {
    func value(_ digit: UInt8) -> UInt8? {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
      default: nil
      }
    }
    let digits = text.compactMap(value)
    guard digits.count == text.count, digits.count % 2 == 0 else { return nil }
    self = stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
  }
}
