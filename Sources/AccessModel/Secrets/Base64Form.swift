/// A secret as it stands in base64 or base64url (RFC 4648), alone or in the midst of something longer, as in the header
/// of HTTP's basic authentication.
enum Base64Form {
  /// Less in base64 is part of too many words.
  private static let leastBytes = 6
  /// Characters of the beginning that what stands before has a part in, by how many bytes of that are in its group.
  private static let shared = [0, 2, 3]
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  /// What does not depend on what stands before or after: three texts, for each group of three bytes may begin at any of
  /// the secret's first three; more when the two alphabets differ.
  static func all(of bytes: [UInt8]) -> [String] {
    guard bytes.count >= leastBytes else { return [] }
    return shared.indices.flatMap { before in
      var digits = encoded([UInt8](repeating: 0, count: before) + bytes)
      // The last one has bits of what follows.
      if (before + bytes.count) % 3 != 0 { digits.removeLast() }
      let usual = String(decoding: digits.dropFirst(shared[before]), as: UTF8.self)
      let forURLs = usual.replacing("+", with: "-").replacing("/", with: "_")
      return usual == forURLs ? [usual] : [usual, forURLs]
    }
  }

  /// Without padding.
  private static func encoded(_ bytes: [UInt8]) -> [UInt8] {
    var digits: [UInt8] = []
    var (bits, count) = (0, 0)
    for byte in bytes {
      (bits, count) = (bits << 8 | Int(byte), count + 8)
      while count >= 6 {
        count -= 6
        digits.append(alphabet[bits >> count & 63])
      }
      bits &= 63
    }
    if count > 0 { digits.append(alphabet[bits << (6 - count) & 63]) }
    return digits
  }
}
