/// A version of the protocol, in order of age.
public enum TLSVersion: String, Sendable, Hashable, CaseIterable, Comparable, CustomStringConvertible {
  case tls10 = "TLSv1"
  case tls11 = "TLSv1.1"
  case tls12 = "TLSv1.2"
  case tls13 = "TLSv1.3"

  /// As OpenSSL and `pg_stat_ssl.version` write it.
  public var description: String { rawValue }

  /// The number on the wire (RFC 8446 §4.1.2: 0x0301 is TLS 1.0).
  var code: Int32 { Int32(0x0301 + (Self.allCases.firstIndex(of: self) ?? 0)) }

  public static func < (left: TLSVersion, right: TLSVersion) -> Bool { left.code < right.code }
}

/// What a client offers in its handshake.
public struct TLSOptions: Sendable, Hashable {
  /// The name for the server name indication; nothing is sent for an address, as libpq has it.
  public var serverName: String?
  /// libpq's `ssl_min_protocol_version`, whose default is TLS 1.2 since version 13.
  public var minimumVersion: TLSVersion
  /// nil is the highest that OpenSSL knows.
  public var maximumVersion: TLSVersion?
  /// The key exchange groups in order, as OpenSSL names them (`X25519`, `P-256`); nil is OpenSSL's own list.
  public var groups: [String]?
  /// The protocols offered by ALPN; direct negotiation sends `postgresql`.
  public var applicationProtocols: [String]

  public init(
    serverName: String? = nil, minimumVersion: TLSVersion = .tls12, maximumVersion: TLSVersion? = nil,
    groups: [String]? = nil, applicationProtocols: [String] = []
  ) {
    self.serverName = serverName
    self.minimumVersion = minimumVersion
    self.maximumVersion = maximumVersion
    self.groups = groups
    self.applicationProtocols = applicationProtocols
  }
}
