internal import COpenSSL
internal import FoundationEssentials
internal import Glibc

extension Certificate {
  /// Reads a certificate in DER form; nil when the bytes are none.
  public init?(der: [UInt8]) {
    guard let handle = X509Handle(der: der) else { return nil }
    self.init(handle.pointer, der: der)
  }

  /// Describes a certificate of OpenSSL's, which stays with its owner; nil when it cannot be encoded.
  init?(borrowing certificate: OpaquePointer) {
    let length = i2d_X509(certificate, nil)
    guard length > 0 else { return nil }
    let der = [UInt8](unsafeUninitializedCapacity: Int(length)) { buffer, used in
      var position = buffer.baseAddress
      used = Int(max(i2d_X509(certificate, &position), 0))
    }
    self.init(certificate, der: der)
  }

  private init(_ certificate: OpaquePointer, der: [UInt8]) {
    let (dnsNames, ipAddresses) = Self.alternativeNames(certificate)
    let subject = X509_get_subject_name(certificate)
    let issuer = X509_get_issuer_name(certificate)
    self.init(
      subject: Self.text(subject), issuer: Self.text(issuer),
      commonName: Self.commonName(subject), issuerCommonName: Self.commonName(issuer),
      dnsNames: dnsNames, ipAddresses: ipAddresses,
      notBefore: Self.date(X509_get0_notBefore(certificate)),
      notAfter: Self.date(X509_get0_notAfter(certificate)),
      sha256: SHA256.digest(of: der).hexadecimal,
      isSelfSigned: X509_self_signed(certificate, 1) == 1,
      isCA: X509_check_ca(certificate) > 0,
      keyDescription: Self.keyDescription(certificate),
      signatureAlgorithm: OBJ_nid2sn(X509_get_signature_nid(certificate)).map { String(cString: $0) }
        ?? "unknown",
      der: der)
    // Keys and extensions that OpenSSL does not know leave entries in the queue that belong to nothing later.
    ERR_clear_error()
  }

  static func text(_ name: OpaquePointer?) -> String {
    guard let name, let bio = BIO_new(BIO_s_mem()) else { return "" }
    defer { BIO_free(bio) }
    guard dbauth_name_print(bio, name) >= 0 else { return "" }
    var bytes: UnsafeMutablePointer<CChar>?
    let length = dbauth_bio_contents(bio, &bytes)
    return bytes.map { text(bytes: $0, count: length) } ?? ""
  }

  private static func commonName(_ name: OpaquePointer?) -> String? {
    let index = X509_NAME_get_index_by_NID(name, NID_commonName, -1)
    guard index >= 0, let entry = X509_NAME_get_entry(name, index) else { return nil }
    var bytes: UnsafeMutablePointer<UInt8>?
    let length = ASN1_STRING_to_UTF8(&bytes, X509_NAME_ENTRY_get_data(entry))
    guard length >= 0, let bytes else { return nil }
    defer { CRYPTO_free(bytes, #file, #line) }
    return String(decoding: UnsafeBufferPointer(start: bytes, count: Int(length)), as: UTF8.self)
  }

  private static func alternativeNames(_ certificate: OpaquePointer) -> (dns: [String], ip: [String]) {
    guard let names = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil).map(OpaquePointer.init)
    else { return ([], []) }
    defer { GENERAL_NAMES_free(names) }
    var (dns, ip) = ([String](), [String]())
    for index in 0..<dbauth_names_count(names) {
      guard let name = dbauth_names_at(names, index) else { continue }
      if let value = dbauth_name_dns(name) {
        dns.append(String(decoding: bytes(value), as: UTF8.self))
      } else if let value = dbauth_name_ip(name), let address = ipText(bytes(value)) {
        ip.append(address)
      }
    }
    return (dns, ip)
  }

  private static func bytes(_ string: UnsafePointer<ASN1_STRING>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string)))
  }

  private static func ipText(_ bytes: UnsafeBufferPointer<UInt8>) -> String? {
    guard bytes.count == 4 || bytes.count == 16 else { return nil }
    var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    let family = bytes.count == 4 ? AF_INET : AF_INET6
    guard inet_ntop(family, bytes.baseAddress, &text, socklen_t(text.count)) != nil else { return nil }
    return text.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  private static func text(bytes: UnsafeMutablePointer<CChar>, count: Int) -> String {
    bytes.withMemoryRebound(to: UInt8.self, capacity: count) {
      String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
    }
  }

  private static func date(_ time: UnsafePointer<ASN1_TIME>?) -> Date {
    var calendar = tm()
    guard let time, ASN1_TIME_to_tm(time, &calendar) == 1 else { return Date(timeIntervalSince1970: 0) }
    return Date(timeIntervalSince1970: Double(timegm(&calendar)))
  }

  private static func keyDescription(_ certificate: OpaquePointer) -> String {
    guard let key = X509_get0_pubkey(certificate) else { return "unknown" }
    let kind = EVP_PKEY_get0_type_name(key).map { String(cString: $0) } ?? "unknown"
    if kind == "EC" {
      var name = [CChar](repeating: 0, count: 80)
      var length = 0
      guard EVP_PKEY_get_group_name(key, &name, name.count, &length) == 1 else { return kind }
      return name.withUnsafeBufferPointer { "EC \(String(cString: $0.baseAddress!))" }
    }
    return kind.hasPrefix("ED") ? kind : "\(kind) \(EVP_PKEY_get_bits(key))"
  }
}
