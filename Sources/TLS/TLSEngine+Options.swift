internal import COpenSSL
internal import Glibc

extension TLSEngine {
  /// Applies what belongs to the context.
  static func configure(_ context: OpaquePointer, _ options: TLSOptions) throws(TLSFailure) {
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, nil)
    dbauth_ctx_disable_session_cache(context)
    var accepted = dbauth_ctx_set_minimum(context, options.minimumVersion.code) == 1
    if let maximum = options.maximumVersion {
      accepted = accepted && dbauth_ctx_set_maximum(context, maximum.code) == 1
    }
    if options.minimumVersion < .tls12 {
      // At any higher level OpenSSL 3 refuses the SHA-1 signatures that these versions are made of.
      accepted = accepted && SSL_CTX_set_cipher_list(context, "DEFAULT:@SECLEVEL=0") == 1
    }
    if let groups = options.groups {
      accepted = accepted && dbauth_ctx_set_groups(context, groups.joined(separator: ":")) == 1
    }
    guard accepted else { throw .openSSL(OpenSSLError.drain()) }
  }

  /// Applies what belongs to one connection: the server's name and the protocols above TLS.
  static func configure(connection ssl: OpaquePointer, _ options: TLSOptions) throws(TLSFailure) {
    if let name = options.serverName, !isAddress(name), !name.isEmpty {
      guard dbauth_ssl_set_server_name(ssl, name) == 1 else { throw .openSSL(OpenSSLError.drain()) }
    }
    if !options.applicationProtocols.isEmpty {
      // Each name is preceded by its length (RFC 7301 §3.1). This call returns 0 for success.
      let list = options.applicationProtocols.flatMap { [UInt8(clamping: $0.utf8.count)] + $0.utf8 }
      guard SSL_set_alpn_protos(ssl, list, UInt32(list.count)) == 0 else {
        throw .openSSL(OpenSSLError.drain())
      }
    }
  }

  private static func isAddress(_ name: String) -> Bool {
    var bytes = in6_addr()
    return inet_pton(AF_INET, name, &bytes) == 1 || inet_pton(AF_INET6, name, &bytes) == 1
  }
}
