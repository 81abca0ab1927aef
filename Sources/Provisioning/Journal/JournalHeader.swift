internal import TLS

/// The first line of a journal: how much of it counts, and the checksum of the last record that does.
///
/// It has always the same length, and is written anew after each record, when the disk has that. So a file that has been
/// cut shorter is told from one whose last record was never finished.
struct JournalHeader: Equatable {
  /// The journal's length, this line included. What stands after it was not finished, and no COMMIT depends on it.
  var length: Int
  /// The checksum of the last record.
  var chain: [UInt8]

  /// The header of a journal without records.
  static let empty = JournalHeader(length: byteCount, chain: [UInt8](repeating: 0, count: SHA256.length))

  /// What a journal with checksums begins with.
  static let opening = Array(#"{"journal":{"schemaVersion":2,"length":"#.utf8)

  init(length: Int, chain: [UInt8]) {
    self.length = length
    self.chain = chain
  }

  /// Reads a first line; nil when it is not exactly one.
  init?(_ line: some Collection<UInt8>) {
    let digits = line.dropFirst(Self.opening.count).prefix(Self.digits)
    let hexadecimal = line.dropFirst(Self.opening.count + Self.digits + Self.middle.count)
      .prefix(2 * SHA256.length)
    guard let length = Int(String(decoding: digits, as: UTF8.self).drop { $0 == " " }),
      length >= Self.byteCount,
      let chain = [UInt8](hexadecimal: hexadecimal)
    else { return nil }
    self.init(length: length, chain: chain)
    guard bytes.elementsEqual(line) else { return nil }
  }

  /// The line with its own checksum and its line break.
  var bytes: [UInt8] {
    let number = String(length)
    let padding = String(repeating: " ", count: max(0, Self.digits - number.utf8.count))
    let text =
      Self.opening + Array((padding + number).utf8) + Self.middle + Array(chain.hexadecimal.utf8)
      + Self.ending
    return JournalSeal.sealed(text, after: []).line
  }

  static let byteCount =
    opening.count + digits + middle.count + 2 * SHA256.length + ending.count + JournalSeal.byteCount
  /// Enough for every file.
  private static let digits = 19
  private static let ending = Array("\"}}".utf8)
  private static let middle = Array(#","chain":""#.utf8)
}
