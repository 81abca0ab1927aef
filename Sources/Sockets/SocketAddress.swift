internal import Glibc

/// An IP address and a port, as one dials them.
///
/// Two addresses are equal when they lead to the same place, however they were written: `::0:1` is `::1`.
public struct SocketAddress: Hashable, Sendable, CustomStringConvertible {
  public enum Family: String, Sendable, Hashable {
    case ipv4 = "IPv4"
    case ipv6 = "IPv6"
  }

  public let family: Family
  public let port: UInt16
  /// 4 or 16 bytes in network order.
  let bytes: [UInt8]
  /// The interface's number of an IPv6 address with a zone, else 0.
  let scope: UInt32

  /// Reads an address in numbers: `10.0.0.1`, `2001:db8::1`, `fe80::1%eth0` or, without a name, `fe80::1%2`.
  ///
  /// Nil for everything else, names and abbreviated addresses (`127.1`) included, and for the zone of an
  /// interface that this machine does not have.
  public init?(_ host: String, port: UInt16) {
    let parts = host.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = parts.first.map(String.init), !address.utf8.contains(0) else { return nil }
    self.port = port
    var v4 = in_addr()
    if parts.count == 1, inet_pton(AF_INET, address, &v4) == 1 {
      (family, scope) = (.ipv4, 0)
      bytes = withUnsafeBytes(of: v4) { Array($0) }
      return
    }
    var v6 = in6_addr()
    guard inet_pton(AF_INET6, address, &v6) == 1 else { return nil }
    family = .ipv6
    bytes = withUnsafeBytes(of: v6) { Array($0) }
    guard parts.count == 2 else {
      scope = 0
      return
    }
    let zone = String(parts[1])
    guard let index = UInt32(zone) ?? Self.interface(named: zone), index > 0 else { return nil }
    scope = index
  }

  /// From the 4 or 16 bytes of an address in network order; nil for any other number of bytes.
  public init?(networkBytes bytes: [UInt8], port: UInt16) {
    switch bytes.count {
    case 4: self.init(family: .ipv4, bytes: bytes, port: port)
    case 16: self.init(family: .ipv6, bytes: bytes, port: port)
    default: return nil
    }
  }

  init(family: Family, bytes: [UInt8], port: UInt16, scope: UInt32 = 0) {
    (self.family, self.bytes, self.port, self.scope) = (family, bytes, port, scope)
  }

  /// The address without its port, with the zone where there is one.
  public var host: String {
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    inet_ntop(family == .ipv4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
    let address = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return scope == 0 ? address : "\(address)%\(Self.name(ofInterface: scope))"
  }

  /// The same host at another port.
  public func at(port: UInt16) -> SocketAddress {
    SocketAddress(family: family, bytes: bytes, port: port, scope: scope)
  }

  /// `127.0.0.1:5432`, `[::1]:5432`
  public var description: String {
    family == .ipv4 ? "\(host):\(port)" : "[\(host)]:\(port)"
  }

  private static func interface(named name: String) -> UInt32? {
    let index = if_nametoindex(name)
    return index == 0 ? nil : index
  }

  private static func name(ofInterface index: UInt32) -> String {
    var name = [CChar](repeating: 0, count: Int(IF_NAMESIZE))
    guard if_indextoname(index, &name) != nil else { return String(index) }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
