internal import COpenSSL

/// Owns one reference to OpenSSL's form of a certificate.
struct X509Handle: ~Copyable {
  let pointer: OpaquePointer

  /// Takes over the caller's reference.
  init(adopting pointer: OpaquePointer) { self.pointer = pointer }

  /// Parses the DER form; nil when it is none, or when bytes are left over.
  init?(der: [UInt8]) {
    let parsed = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
      var position = buffer.baseAddress
      guard let certificate = d2i_X509(nil, &position, buffer.count) else { return nil }
      guard position == buffer.baseAddress.map({ $0 + buffer.count }) else {
        X509_free(certificate)
        return nil
      }
      return certificate
    }
    guard let parsed else {
      ERR_clear_error()
      return nil
    }
    pointer = parsed
  }

  deinit { X509_free(pointer) }
}
