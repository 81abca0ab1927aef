public import FoundationEssentials
public import Postgres
public import Sockets

/// What one address says to an SSLRequest and in the handshake after it.
public struct HandshakeFacts: Sendable, Hashable {
  public var address: SocketAddress
  public var answer: TLSRequestAnswer
  /// `TLSv1.3`; nil when there was no handshake, or it failed.
  public var version: String?
  public var cipher: String?
  public var group: String?
  /// The server asked for another key share: one round trip more.
  public var helloRetryRequest: Bool
  /// As presented, the server's own first.
  public var chain: [CertificateFacts]
  public var failure: HandshakeFailure?
  /// Whether a handshake without SSLRequest worked (`sslnegotiation=direct`); nil when it was not tried.
  public var direct: Bool?

  public init(
    address: SocketAddress, answer: TLSRequestAnswer, version: String? = nil, cipher: String? = nil,
    group: String? = nil, helloRetryRequest: Bool = false, chain: [CertificateFacts] = [],
    failure: HandshakeFailure? = nil, direct: Bool? = nil
  ) {
    self.address = address
    self.answer = answer
    self.version = version
    self.cipher = cipher
    self.group = group
    self.helloRetryRequest = helloRetryRequest
    self.chain = chain
    self.failure = failure
    self.direct = direct
  }

  /// Whether there is an encrypted connection.
  public var isEstablished: Bool { version != nil && failure == nil }
}

/// Why a handshake failed.
public struct HandshakeFailure: Sendable, Hashable {
  public enum Kind: Sendable, Hashable {
    /// No protocol version in common.
    case protocolVersion
    case closed, reset, silent
    /// The peer spoke, and not TLS.
    case notTLS
    /// An alert, or another error of OpenSSL's.
    case other
  }

  public var kind: Kind
  /// OpenSSL's words.
  public var message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

/// What the classifier needs of a certificate.
public struct CertificateFacts: Sendable, Hashable {
  public var subject: String
  public var issuer: String
  public var commonName: String?
  public var issuerCommonName: String?
  public var dnsNames: [String]
  public var ipAddresses: [String]
  public var notBefore: Date
  public var notAfter: Date
  /// SHA-256 of the certificate in hexadecimal digits.
  public var fingerprint: String
  public var isSelfSigned: Bool

  public init(
    subject: String, issuer: String, commonName: String? = nil, issuerCommonName: String? = nil,
    dnsNames: [String] = [], ipAddresses: [String] = [], notBefore: Date, notAfter: Date,
    fingerprint: String = "", isSelfSigned: Bool = false
  ) {
    self.subject = subject
    self.issuer = issuer
    self.commonName = commonName
    self.issuerCommonName = issuerCommonName
    self.dnsNames = dnsNames
    self.ipAddresses = ipAddresses
    self.notBefore = notBefore
    self.notAfter = notAfter
    self.fingerprint = fingerprint
    self.isSelfSigned = isSelfSigned
  }

  /// All names that the certificate is for; the common name only counts when there is no DNS name, as in libpq.
  public var names: [String] {
    let names = dnsNames + ipAddresses
    return names.isEmpty ? [commonName].compactMap { $0 } : names
  }
}

/// Whether the server's certificate is trusted, with the reason.
public struct TrustFacts: Sendable, Hashable {
  /// One thing that is wrong with the chain.
  public struct Issue: Sendable, Hashable {
    /// `X509_V_ERR_…`, https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
    public var code: Int
    public var message: String
    /// 0 is the server's own certificate.
    public var depth: Int
    public var subject: String

    public init(code: Int, message: String, depth: Int = 0, subject: String = "") {
      self.code = code
      self.message = message
      self.depth = depth
      self.subject = subject
    }
  }

  /// How the root file turned out.
  public enum Bundle: Sendable, Hashable {
    /// None is needed, or the operating system's is used.
    case none
    case missing(path: String)
    case unreadable(path: String, reason: String)
    /// Read, but without a certificate in it; what it looks like instead.
    case garbage(path: String, looksLike: String)
    case loaded(path: String, certificates: [CertificateFacts])
  }

  public var bundle: Bundle
  /// Empty when the chain is good.
  public var issues: [Issue]
  /// Whether the operating system's roots would verify it; nil when it was not tried.
  public var systemTrusts: Bool?
  /// Whether the certificate is for the name that is dialled.
  public var nameMatches: Bool
  /// The name that was compared.
  public var name: String

  public init(
    bundle: Bundle, issues: [Issue] = [], systemTrusts: Bool? = nil, nameMatches: Bool = true, name: String = ""
  ) {
    self.bundle = bundle
    self.issues = issues
    self.systemTrusts = systemTrusts
    self.nameMatches = nameMatches
    self.name = name
  }

  public var isTrusted: Bool { issues.isEmpty }
}
