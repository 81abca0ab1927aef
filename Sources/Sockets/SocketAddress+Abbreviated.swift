internal import Glibc

extension SocketAddress {
  /// An IPv4 address in fewer than four parts, or in other than decimal ones, as getaddrinfo takes it: `127.1`, `2130706433`,
  /// `0x7f.1` (inet_aton(3)); nil for what is none.
  ///
  /// Linux leads a connection to 0.0.0.0 (`0`) to 127.0.0.1, and so does this.
  public init?(abbreviated text: String, port: UInt16) {
    guard let first = text.utf8.first, UInt8(ascii: "0")...UInt8(ascii: "9") ~= first,
      !text.utf8.contains(where: { $0 <= 0x20 })
    else { return nil }
    var address = in_addr()
    guard inet_aton(text, &address) != 0 else { return nil }
    let bytes = withUnsafeBytes(of: address.s_addr, Array.init)
    self.init(networkBytes: bytes.allSatisfy { $0 == 0 } ? [127, 0, 0, 1] : bytes, port: port)
  }
}
