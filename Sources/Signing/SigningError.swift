internal import TLS

/// Signing failed. It needs no network and no clock, so all that can fail is the machine's OpenSSL.
public struct SigningError: Error, Hashable, CustomStringConvertible {
  public let description: String

  static func wrap<Result>(_ body: () throws(DigestError) -> Result) throws(SigningError) -> Result {
    do {
      return try body()
    } catch {
      throw SigningError(description: error.description)
    }
  }
}
