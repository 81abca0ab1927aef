import FoundationEssentials
import Postgres
import Sockets
import TLS

@testable import Checkup

extension Certificate {
  private static let authorityName = "CN=Amazon RDS eu-west-1 Subordinate CA RSA2048 G1.A.2,O=Amazon"
  private static let rootName = "CN=Amazon RDS eu-west-1 Root CA RSA2048 G1,O=Amazon"

  /// A server's certificate as RDS has them, 200 days from its end.
  static func sample(
    names: [String] = [Evidence.endpointName], issuer: String = authorityName, begins: Int = -165,
    ends: Int = 200
  ) -> Certificate {
    Certificate(
      subject: "CN=\(names.first ?? Evidence.endpointName)", issuer: issuer,
      commonName: names.first ?? Evidence.endpointName, issuerCommonName: commonName(issuer), dnsNames: names,
      notBefore: day(begins), notAfter: day(ends), sha256: "11")
  }

  static let authority = authority(issuer: rootName, subject: authorityName)
  static let root = authority(issuer: rootName, subject: rootName)
  static let otherRDSRoot = authority(
    issuer: "CN=Amazon RDS eu-west-1 2019 CA,O=Amazon", subject: "CN=Amazon RDS eu-west-1 2019 CA,O=Amazon")
  static let publicRoot = authority(
    issuer: "CN=Amazon Root CA 1,O=Amazon", subject: "CN=Amazon Root CA 1,O=Amazon")
  static let privateRoot = authority(issuer: "CN=Acme Root,O=Acme", subject: "CN=Acme Root,O=Acme")

  static func authority(issuer: String, subject: String, ends: Int = 9_000) -> Certificate {
    Certificate(
      subject: subject, issuer: issuer, commonName: commonName(subject), issuerCommonName: commonName(issuer),
      notBefore: day(-900), notAfter: day(ends), isSelfSigned: issuer == subject, isCA: true)
  }

  /// A server's certificate without subject alternative names.
  static var legacy: Certificate {
    var certificate = sample()
    certificate.dnsNames = []
    return certificate
  }

  private static func commonName(_ name: String) -> String {
    String(name.dropFirst(3).prefix { $0 != "," })
  }

  /// So many days from the moment of the samples' runs.
  private static func day(_ days: Int) -> Date { Evidence.date + Double(days) * 86_400 }
}

extension HandshakeFacts {
  /// A handshake that went well.
  static func sample(
    _ host: String, _ chain: [Certificate], version: String = "TLSv1.3", retry: Bool = false
  ) -> HandshakeFacts {
    HandshakeFacts(
      address: .sample(host), answer: .offered,
      observation: TLSObservation(
        version: version, cipher: "TLS_AES_256_GCM_SHA384", group: retry ? "prime256v1" : "X25519",
        helloRetryRequest: retry, peerChain: chain, duration: .milliseconds(5)))
  }

  /// An address that did not get as far as a handshake.
  static func answering(_ answer: TLSRequestAnswer, at host: String = "10.0.1.17") -> HandshakeFacts {
    HandshakeFacts(address: .sample(host), answer: answer)
  }

  /// A handshake that failed.
  static func failing(_ failure: TLSFailure, isDirect: Bool = false) -> HandshakeFacts {
    HandshakeFacts(address: .sample("10.0.1.17"), answer: .offered, failure: failure, isDirect: isDirect)
  }
}

extension TrustFacts {
  /// What came of verifying a chain against a root file.
  static func sample(
    roots: [Certificate] = [.root], issues: [ChainVerification.Issue] = [], nameMatches: Bool? = true,
    name: String = Evidence.endpointName
  ) -> TrustFacts {
    TrustFacts(
      roots: .loaded(TrustBundle(certificates: roots)), issues: issues, nameMatches: nameMatches, name: name)
  }
}

extension ChainVerification.Issue {
  /// X509_V_ERR codes, https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/
  static let untrusted = ChainVerification.Issue(
    code: 20, text: "unable to get local issuer certificate", subject: "CN=\(Evidence.endpointName)")
  static let selfSignedRoot = ChainVerification.Issue(
    code: 19, text: "self-signed certificate in certificate chain", depth: 2,
    subject: Certificate.root.subject)
  static let expired = ChainVerification.Issue(
    code: 10, text: "certificate has expired", subject: "CN=\(Evidence.endpointName)")
  static let notYetValid = ChainVerification.Issue(
    code: 9, text: "certificate is not yet valid", subject: "CN=\(Evidence.endpointName)")
}
