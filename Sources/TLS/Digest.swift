internal import COpenSSL

/// SHA-256, as one call.
public enum SHA256 {
  /// The digest's length in bytes.
  public static let length = 32

  /// The digest of `message`.
  public static func digest(of message: [UInt8]) throws(DigestError) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: length)
    guard EVP_Digest(message, message.count, &digest, nil, EVP_sha256(), nil) == 1 else {
      throw DigestError.fromOpenSSL()
    }
    return digest
  }

  /// The digest of a text's UTF-8, in lower-case hexadecimal.
  public static func hexDigest(of text: String) throws(DigestError) -> String {
    try digest(of: Array(text.utf8)).hexadecimal
  }
}

/// Message authentication with SHA-256 (RFC 2104), as one call.
public enum HMACSHA256 {
  /// The code of `message` under `key`.
  public static func code(of message: [UInt8], key: [UInt8]) throws(DigestError) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: SHA256.length)
    guard HMAC(EVP_sha256(), key, Int32(key.count), message, message.count, &code, nil) != nil else {
      throw DigestError.fromOpenSSL()
    }
    return code
  }
}

/// OpenSSL would not compute a digest, for example because its configuration allows no provider that has SHA-256.
public struct DigestError: Error, Hashable, CustomStringConvertible {
  /// OpenSSL's own words.
  public let reason: String

  public var description: String {
    "OpenSSL could not compute SHA-256: \(reason). Check the providers in openssl.cnf (OPENSSL_CONF)."
  }

  static func fromOpenSSL() -> DigestError {
    let code = ERR_get_error()
    guard code != 0 else { return DigestError(reason: "it gave no reason") }
    // 256 bytes are what OpenSSL's own ERR_error_string asks for.
    var buffer = [CChar](repeating: 0, count: 256)
    ERR_error_string_n(code, &buffer, buffer.count)
    let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return DigestError(reason: String(decoding: bytes, as: UTF8.self))
  }
}

extension [UInt8] {
  /// The bytes in lower-case hexadecimal.
  public var hexadecimal: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
