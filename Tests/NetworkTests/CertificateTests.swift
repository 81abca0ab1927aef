import Foundation
import TLS
import Testing

@Suite("A certificate is a value that one can read")
struct CertificateTests {
  @Test("its names, validity, key and fingerprint are there")
  func properties() async throws {
    let made = try await TestCertificates.made.value
    let certificate = try made.certificate("server")
    #expect(certificate.subject == "CN=db.example.com,O=Exämple")
    #expect(certificate.commonName == "db.example.com")
    #expect(certificate.issuer == "CN=Test Root,O=Example")
    #expect(certificate.issuerCommonName == "Test Root")
    #expect(certificate.dnsNames == ["db.example.com", "*.cluster.example.com"])
    #expect(certificate.ipAddresses == ["10.0.0.1", "fd00::1"])
    #expect(certificate.keyDescription == "RSA 2048")
    #expect(!certificate.isCA && !certificate.isSelfSigned)
    #expect(certificate.isValid(at: .now + 60))
    #expect(certificate.notAfter.timeIntervalSince(certificate.notBefore) == 365 * 86_400)
    #expect(certificate.sha256.count == 64)
    #expect(Certificate(der: certificate.der) == certificate)
    #expect("\(certificate)" == "CN=db.example.com,O=Exämple (SHA-256 \(certificate.sha256))")

    let root = try made.certificate("root")
    #expect(root.isCA && root.isSelfSigned)
    #expect(root.keyDescription == "EC prime256v1")
    #expect(root.signatureAlgorithm == "ecdsa-with-SHA256")
  }

  @Test(
    "bytes that are no certificate give none", arguments: [[], [0x30], [UInt8](repeating: 0x30, count: 400)])
  func damaged(bytes: [UInt8]) { #expect(Certificate(der: bytes) == nil) }

  @Test(
    "names match as in libpq: one label for a wildcard, and the common name only without alternatives",
    arguments: [
      (["db.example.com"], [], "cn.example.com", "DB.example.com", true),
      (["db.example.com"], [], "cn.example.com", "cn.example.com", false),
      (["*.example.com"], [], nil, "db.example.com", true),
      (["*.example.com"], [], nil, "a.db.example.com", false),
      (["*.example.com"], [], nil, "example.com", false),
      (["db*.example.com"], [], nil, "db1.example.com", false),
      (["*"], [], nil, "localhost", false),
      ([], [], "cn.example.com", "cn.example.com", true),
      ([], [], "*.example.com", "db.example.com", true),
      ([], ["10.0.0.1"], "cn.example.com", "cn.example.com", true),
      ([], ["10.0.0.1"], nil, "10.0.0.1", true),
      ([], ["fd00::1"], nil, "FD00:0::1", true),
      ([], ["10.0.0.1"], "10.0.0.2", "10.0.0.2", false),
      (["10.0.0.3"], [], nil, "10.0.0.3", true),
      (["db.example.com"], [], "10.0.0.2", "10.0.0.2", true),
      ([], [], nil, "db.example.com", false),
    ] as [([String], [String], String?, String, Bool)])
  func hosts(dns: [String], addresses: [String], commonName: String?, host: String, matches: Bool) {
    let certificate = Certificate(
      subject: "", issuer: "", commonName: commonName, dnsNames: dns, ipAddresses: addresses,
      notBefore: .distantPast, notAfter: .distantFuture)
    #expect(certificate.matches(host: host) == matches)
  }
}
