internal import COpenSSL

/// SHA-256, as one call.
///
/// OpenSSL's low-level functions compute at once. Its EVP interface first reads openssl.cnf and builds tables of all
/// algorithms of all providers: 1.0 to 1.4 ms, a quarter of the time that the whole process needs to start, and a
/// token takes ten digests of a few hundred bytes.
public enum SHA256 {
  /// The digest's length in bytes.
  public static let length = 32
  /// The length of the blocks that the message is worked through in; HMAC keys are padded to it.
  static let blockLength = 64

  /// The digest of the concatenation of `parts`.
  public static func digest(of parts: [UInt8]...) -> [UInt8] {
    var state = SHA256_CTX()
    SHA256_Init(&state)
    for part in parts { SHA256_Update(&state, part, part.count) }
    var digest = [UInt8](repeating: 0, count: length)
    SHA256_Final(&digest, &state)
    return digest
  }

  /// The digest of a text's UTF-8, in lower-case hexadecimal.
  public static func hexDigest(of text: String) -> String {
    digest(of: Array(text.utf8)).hexadecimal
  }
}

extension [UInt8] {
  /// The bytes in lower-case hexadecimal.
  public var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
