internal import COpenSSL

/// The OpenSSL that this process runs with.
public enum OpenSSLLibrary {
  /// For example `OpenSSL 3.0.19 27 Jan 2026`.
  public static var version: String { String(cString: OpenSSL_version(OPENSSL_VERSION)) }
}
