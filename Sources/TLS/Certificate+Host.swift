internal import Glibc

extension Certificate {
  /// Whether the certificate is one for `host`, a name or an address, by libpq's rules for `verify-full`.
  ///
  /// Subject alternative names come first. The subject's common name counts only when there is none of the host's
  /// kind: no dNSName for a name, no iPAddress for an address. A wildcard stands for exactly one label, the first.
  /// OpenSSL's own X509_check_host is broader (`db*.example.com`), so it would promise what libpq refuses.
  /// Source: fe-secure-openssl.c and fe-secure-common.c of PostgreSQL 15 and later; older ones ignore iPAddress.
  public func matches(host: String) -> Bool {
    let address = Self.addressBytes(host)
    if dnsNames.contains(where: { Self.name($0, matches: host) }) { return true }
    if let address, ipAddresses.contains(where: { Self.addressBytes($0) == address }) { return true }
    let namesOfThisKind = address == nil ? dnsNames : ipAddresses
    guard namesOfThisKind.isEmpty, let commonName else { return false }
    return Self.name(commonName, matches: host)
  }

  private static func name(_ pattern: String, matches host: String) -> Bool {
    let pattern = pattern.utf8.map(\.asciiLowercased)
    let host = host.utf8.map(\.asciiLowercased)
    if pattern == host { return true }
    // `*.` and at least one more character.
    guard pattern.count >= 3, pattern.starts(with: "*.".utf8) else { return false }
    guard let dot = host.firstIndex(of: UInt8(ascii: ".")), dot > 0 else { return false }
    return host[dot...] == pattern[1...]
  }

  /// An address's bytes in network order; nil for a name.
  private static func addressBytes(_ host: String) -> [UInt8]? {
    guard !host.utf8.contains(0) else { return nil }
    var v4 = in_addr()
    if inet_pton(AF_INET, host, &v4) == 1 { return withUnsafeBytes(of: v4) { Array($0) } }
    var v6 = in6_addr()
    if inet_pton(AF_INET6, host, &v6) == 1 { return withUnsafeBytes(of: v6) { Array($0) } }
    return nil
  }
}

extension UInt8 {
  /// A capital ASCII letter as a small one; names in certificates know no other capitals.
  var asciiLowercased: UInt8 { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= self ? self | 0x20 : self }
}
