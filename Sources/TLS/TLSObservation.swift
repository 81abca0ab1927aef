/// What a completed handshake showed.
public struct TLSObservation: Sendable, Hashable {
  /// As OpenSSL writes it: `TLSv1.3`.
  public var version: String
  /// The cipher suite in OpenSSL's name: `TLS_AES_256_GCM_SHA384`.
  public var cipher: String
  /// The key exchange group in OpenSSL's name, as PostgreSQL's `ssl_ecdh_curve` takes it: `X25519`, `prime256v1`;
  /// nil for a key exchange without one.
  public var group: String?
  /// The server asked for another key share, which cost one round trip (RFC 8446 §4.1.4).
  public var helloRetryRequest: Bool
  /// The certificates as presented, the server's own first. Nothing has been verified.
  public var peerChain: [Certificate]
  /// The protocol that the server chose by ALPN.
  public var applicationProtocol: String?
  /// From the first byte sent to the handshake's end.
  public var duration: Duration
  /// The server asked for a certificate of the client's.
  public var clientCertificateRequested: Bool

  public init(
    version: String, cipher: String, group: String? = nil, helloRetryRequest: Bool = false,
    peerChain: [Certificate] = [], applicationProtocol: String? = nil, duration: Duration = .zero,
    clientCertificateRequested: Bool = false
  ) {
    self.version = version
    self.cipher = cipher
    self.group = group
    self.helloRetryRequest = helloRetryRequest
    self.peerChain = peerChain
    self.applicationProtocol = applicationProtocol
    self.duration = duration
    self.clientCertificateRequested = clientCertificateRequested
  }
}
