public import FoundationEssentials

/// What one X.509 certificate says, as a plain value.
public struct Certificate: Sendable, Hashable, CustomStringConvertible {
  /// The subject as RFC 2253 writes it, most specific part first: `CN=db.example.com,O=Example`.
  public var subject: String
  public var issuer: String
  /// The subject's first common name, which is the one that libpq looks at.
  public var commonName: String?
  public var issuerCommonName: String?
  /// The dNSName entries of the subject alternative name extension, as written.
  public var dnsNames: [String]
  /// The iPAddress entries of the same extension, as text.
  public var ipAddresses: [String]
  public var notBefore: Date
  public var notAfter: Date
  /// SHA-256 over the DER form, in lower-case hexadecimal without colons.
  public var sha256: String
  /// Signed with its own key.
  public var isSelfSigned: Bool
  /// May sign other certificates.
  public var isCA: Bool
  /// The public key's kind and size or curve: `RSA 2048`, `EC prime256v1`, `ED25519`.
  public var keyDescription: String
  /// Such as `RSA-SHA256` or `ecdsa-with-SHA256`.
  public var signatureAlgorithm: String
  /// The certificate itself.
  public var der: [UInt8]

  /// A certificate by its properties, for tables and tests; what needs the certificate itself, such as
  /// `ChainVerification`, works with `init(der:)` only.
  public init(
    subject: String, issuer: String, commonName: String? = nil, issuerCommonName: String? = nil,
    dnsNames: [String] = [], ipAddresses: [String] = [], notBefore: Date, notAfter: Date,
    sha256: String = "", isSelfSigned: Bool = false, isCA: Bool = false,
    keyDescription: String = "RSA 2048", signatureAlgorithm: String = "RSA-SHA256", der: [UInt8] = []
  ) {
    self.subject = subject
    self.issuer = issuer
    self.commonName = commonName
    self.issuerCommonName = issuerCommonName
    self.dnsNames = dnsNames
    self.ipAddresses = ipAddresses
    self.notBefore = notBefore
    self.notAfter = notAfter
    self.sha256 = sha256
    self.isSelfSigned = isSelfSigned
    self.isCA = isCA
    self.keyDescription = keyDescription
    self.signatureAlgorithm = signatureAlgorithm
    self.der = der
  }

  public var description: String { sha256.isEmpty ? subject : "\(subject) (SHA-256 \(sha256))" }

  /// Whether `date` lies within the certificate's validity.
  public func isValid(at date: Date) -> Bool { notBefore <= date && date <= notAfter }
}
