internal import COpenSSL

/// One end of TLS without a transport: bytes go in and out through memory, and nothing here waits.
final class TLSEngine {
  /// What a step of OpenSSL's wants next.
  enum Step {
    case done(Int)
    case needsInput
    /// The peer has ended its side in order.
    case ended
    case failed(TLSFailure)
  }

  private let ssl: OpaquePointer
  private let incoming: OpaquePointer
  private let outgoing: OpaquePointer
  let transcript = HandshakeTranscript()

  init(_ options: TLSOptions) throws(TLSFailure) {
    ERR_clear_error()
    guard let context = SSL_CTX_new(TLS_client_method()) else { throw .openSSL(OpenSSLError.drain()) }
    defer { SSL_CTX_free(context) }
    try Self.configure(context, options)
    guard let ssl = SSL_new(context), let incoming = BIO_new(BIO_s_mem()), let outgoing = BIO_new(BIO_s_mem())
    else { throw .openSSL(OpenSSLError.drain()) }
    SSL_set_bio(ssl, incoming, outgoing)
    SSL_set_connect_state(ssl)
    (self.ssl, self.incoming, self.outgoing) = (ssl, incoming, outgoing)
    transcript.observe(ssl)
    try Self.configure(connection: ssl, options)
  }

  deinit { SSL_free(ssl) }

  func handshake() -> Step { step { SSL_do_handshake(ssl) } }

  func write(_ bytes: ArraySlice<UInt8>) -> Step {
    step { bytes.withUnsafeBytes { SSL_write(ssl, $0.baseAddress, Int32(clamping: $0.count)) } }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Step {
    step { SSL_read(ssl, buffer.baseAddress, Int32(clamping: buffer.count)) }
  }

  /// Puts the farewell into the outgoing bytes.
  func close() {
    _ = SSL_shutdown(ssl)
    ERR_clear_error()
  }

  /// Hands in what arrived.
  func receive(_ bytes: [UInt8]) { _ = BIO_write(incoming, bytes, Int32(clamping: bytes.count)) }

  /// Takes out what is to be sent.
  func takeOutgoing() -> [UInt8] {
    let pending = Int(BIO_ctrl_pending(outgoing))
    return [UInt8](unsafeUninitializedCapacity: pending) { buffer, used in
      used = max(Int(BIO_read(outgoing, buffer.baseAddress, Int32(clamping: pending))), 0)
    }
  }

  func observation(duration: Duration) -> TLSObservation {
    let chain = SSL_get_peer_cert_chain(ssl)
    var protocolBytes: UnsafePointer<UInt8>?
    var protocolLength: UInt32 = 0
    SSL_get0_alpn_selected(ssl, &protocolBytes, &protocolLength)
    return TLSObservation(
      version: String(cString: SSL_get_version(ssl)),
      cipher: SSL_CIPHER_get_name(SSL_get_current_cipher(ssl)).map { String(cString: $0) } ?? "",
      group: group,
      helloRetryRequest: transcript.helloRetryRequest,
      peerChain: (0..<max(chain.map { dbauth_certificates_count($0) } ?? 0, 0)).compactMap {
        dbauth_certificates_at(chain, $0).flatMap(Certificate.init(borrowing:))
      },
      applicationProtocol: protocolBytes.map {
        String(decoding: UnsafeBufferPointer(start: $0, count: Int(protocolLength)), as: UTF8.self)
      },
      duration: duration, clientCertificateRequested: transcript.clientCertificateRequested)
  }

  private var group: String? {
    let identifier = dbauth_ssl_negotiated_group(ssl)
    if identifier > 0, let name = OBJ_nid2sn(identifier) { return String(cString: name) }
    // Up to TLS 1.2 without elliptic curves: finite-field Diffie-Hellman with the server's own parameters.
    var key: OpaquePointer?
    defer { EVP_PKEY_free(key) }
    guard dbauth_ssl_peer_key_exchange(ssl, &key) == 1, let key else { return nil }
    return EVP_PKEY_get0_type_name(key).map { "\(String(cString: $0)) \(EVP_PKEY_get_bits(key))" }
  }

  /// OpenSSL's error queue belongs to the thread: it is emptied before and read right after each call.
  private func step(_ call: () -> Int32) -> Step {
    ERR_clear_error()
    let result = call()
    if result > 0 { return .done(Int(result)) }
    switch SSL_get_error(ssl, result) {
    case SSL_ERROR_WANT_READ: return .needsInput
    case SSL_ERROR_ZERO_RETURN: return .ended
    default: return .failed(failure(OpenSSLError.drain()))
    }
  }

  private func failure(_ errors: [OpenSSLError]) -> TLSFailure {
    if let alert = transcript.alert { return .alert(alert) }
    let reasons = Set(errors.map { Int32($0.reasonCode) })
    if !reasons.isDisjoint(with: [SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_WRONG_SSL_VERSION]) {
      return .unsupportedVersion
    }
    return errors.isEmpty ? .closed : .openSSL(errors)
  }
}
