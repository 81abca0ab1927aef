/// Message authentication with SHA-256 (RFC 2104), as one call.
public enum HMACSHA256 {
  /// The code of `message` under `key`, which may have any length.
  public static func code(of message: [UInt8], key: [UInt8]) -> [UInt8] {
    var block = key.count > SHA256.blockLength ? SHA256.digest(of: key) : key
    block += [UInt8](repeating: 0, count: SHA256.blockLength - block.count)
    let inner = SHA256.digest(of: block.map { $0 ^ 0x36 }, message)
    return SHA256.digest(of: block.map { $0 ^ 0x5C }, inner)
  }
}
