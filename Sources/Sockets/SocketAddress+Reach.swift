extension SocketAddress {
  /// This machine itself: 127.0.0.0/8 and ::1 (RFC 1122, RFC 4291).
  public var isLoopback: Bool {
    if let v4 = embeddedIPv4 { return v4[0] == 127 }
    return bytes == [UInt8](repeating: 0, count: 15) + [1]
  }

  /// Reached only from inside some network: RFC 1918, link-local (RFC 3927, RFC 4291), shared address space of
  /// carriers, 100.64.0.0/10 (RFC 6598), and unique local addresses, fc00::/7 (RFC 4193). Loopback is not among
  /// them.
  public var isPrivate: Bool {
    if let v4 = embeddedIPv4 {
      return v4[0] == 10
        || (v4[0] == 172 && v4[1] & 0xF0 == 16)
        || (v4[0] == 192 && v4[1] == 168)
        || (v4[0] == 169 && v4[1] == 254)
        || (v4[0] == 100 && v4[1] & 0xC0 == 64)
    }
    return bytes[0] & 0xFE == 0xFC || isIPv6LinkLocal
  }

  /// 0.0.0.0 or ::, which stands for no address at all; some name servers answer it for a blocked name.
  public var isUnspecified: Bool { bytes.allSatisfy { $0 == 0 } }

  private var isIPv6LinkLocal: Bool { family == .ipv6 && bytes[0] == 0xFE && bytes[1] & 0xC0 == 0x80 }

  /// The four bytes of an IPv4 address, also of one that is written as IPv6 (`::ffff:10.0.0.1`).
  private var embeddedIPv4: ArraySlice<UInt8>? {
    if family == .ipv4 { return bytes[...] }
    guard bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF else { return nil }
    return ArraySlice(Array(bytes.suffix(4)))
  }
}
