internal import COpenSSL

/// What OpenSSL's message callback overhears. Messages of TLS 1.3 arrive here decrypted.
final class HandshakeTranscript {
  private(set) var alert: TLSAlert?
  private(set) var helloRetryRequest = false
  private(set) var clientCertificateRequested = false

  /// Reports the messages of `ssl` to this object, which must outlive it.
  func observe(_ ssl: OpaquePointer) {
    dbauth_ssl_set_message_context(ssl, Unmanaged.passUnretained(self).toOpaque())
    SSL_set_msg_callback(ssl) { isOutgoing, _, contentType, buffer, length, _, context in
      guard isOutgoing == 0, let buffer, let context else { return }
      Unmanaged<HandshakeTranscript>.fromOpaque(context).takeUnretainedValue()
        .note(contentType, UnsafeRawBufferPointer(start: buffer, count: length))
    }
  }

  private func note(_ contentType: Int32, _ message: UnsafeRawBufferPointer) {
    switch (contentType, message.first) {
    // close_notify (0) and user_canceled (90) announce an end in order (RFC 8446 §6.1).
    case (SSL3_RT_ALERT, _) where message.count >= 2 && ![0, 90].contains(message[1]):
      alert = TLSAlert(number: message[1])
    // A message has a type, a length of three bytes and, in a ServerHello, a version of two before the random.
    case (SSL3_RT_HANDSHAKE, UInt8(SSL3_MT_SERVER_HELLO)):
      if message.dropFirst(6).starts(with: Self.retryRandom) { helloRetryRequest = true }
    case (SSL3_RT_HANDSHAKE, UInt8(SSL3_MT_CERTIFICATE_REQUEST)):
      clientCertificateRequested = true
    default: break
    }
  }

  /// The random value that marks a ServerHello as a HelloRetryRequest: SHA-256 of that word (RFC 8446 §4.1.3).
  private static let retryRandom = SHA256.digest(of: Array("HelloRetryRequest".utf8))
}
