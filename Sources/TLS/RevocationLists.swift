internal import COpenSSL
internal import Files

/// Which certificates their authorities have withdrawn: the lists of a PEM file, as `sslcrl` names one.
public struct RevocationLists: Sendable, Hashable {
  public let path: String
  /// Each list as it stands in the file.
  private let blocks: [[UInt8]]

  /// Reads a file; nil without a list in it, for which libpq looks at none and says nothing.
  public init?(path: String) {
    guard let bytes = try? RegularFile.read(path, limit: Self.sizeLimit).bytes else { return nil }
    blocks = PEMDocument(bytes).blocks.lazy.filter { $0.label == "X509 CRL" }.map(\.text)
    guard !blocks.isEmpty else { return nil }
    self.path = path
  }

  /// Has a store look at the lists, for each certificate of a chain, as libpq does.
  func add(to store: OpaquePointer) {
    for text in blocks {
      guard let bio = BIO_new_mem_buf(text, Int32(clamping: text.count)) else { continue }
      defer { BIO_free(bio) }
      guard let list = PEM_read_bio_X509_CRL(bio, nil, nil, nil) else { continue }
      X509_STORE_add_crl(store, list)
      X509_CRL_free(list)
    }
    X509_STORE_set_flags(store, UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL))
  }

  /// Lists of public authorities take some megabytes.
  private static let sizeLimit = 64 << 20
}
