import AccessModel
import DNS
import Sockets
import TLS
import Targets

@testable import Checkup

extension ClassifierRow {
  static let trust: [ClassifierRow] = [
    ClassifierRow(
      "tls-root-missing", when: "there is no root file", by: "tls-bundle",
      words: ["/ca.pem", "--sslrootcert"],
      .through(.tls) { $0.trust = TrustFacts(roots: .failed(.missing(path: "/ca.pem", errno: 2))) }),
    ClassifierRow(
      "tls-root-garbage", when: "the root file is a web page", by: "tls-bundle", words: ["HTML"],
      .through(.tls) { $0.trust = TrustFacts(roots: .failed(.notPEM(path: "/ca.pem", looksLike: .html))) }),
    ClassifierRow(
      "tls-root-garbage", when: "a block of the root file is damaged", by: "tls-bundle", words: ["block 3"],
      .through(.tls) {
        $0.trust = TrustFacts(
          roots: .failed(.partlyUnreadable(path: "/ca.pem", readable: 2, block: 3, line: 60)))
      }),
    ClassifierRow(
      "tls-untrusted", when: "another authority signed", by: "tls-trust", words: ["Acme Root", "/ca.pem"],
      verified([.sample(issuer: Certificate.privateRoot.subject)], .sample(issues: [.untrusted]))),
    ClassifierRow(
      "tls-untrusted", when: "the certificate is both expired and unknown", by: "tls-trust",
      verified(
        [.sample(issuer: Certificate.privateRoot.subject, ends: -3)], .sample(issues: [.untrusted, .expired]))
    ),
    ClassifierRow(
      "tls-require-verifies", when: "require meets a root file, and the chain fails", by: "tls-trust",
      words: ["/ca.pem", "sslmode=require"],
      verified(
        [.sample(issuer: Certificate.privateRoot.subject)], .sample(issues: [.untrusted]),
        ["sslmode": "require", "sslrootcert": "/ca.pem"])),
    ClassifierRow(
      "tls-stale-bundle", when: "the bundle has RDS's old roots only", by: "tls-trust",
      words: ["RSA2048 G1"],
      verified([.sample(), .authority], .sample(roots: [.otherRDSRoot], issues: [.untrusted]))),
    ClassifierRow(
      "tls-stale-bundle", when: "the bundle's root has ended", by: "tls-trust", words: ["Root CA RSA2048 G1"],
      verified(
        [.sample(), .authority],
        .sample(issues: [
          .init(code: 10, text: "certificate has expired", depth: 2, subject: Certificate.root.subject)
        ]))
    ),
    ClassifierRow(
      "tls-stale-bundle", when: "the root that verified ends in 30 days", as: .warning, by: "tls-trust",
      words: ["30 days"],
      .but {
        let name = Certificate.root.subject
        $0.trust?.root = .authority(issuer: name, subject: name, ends: 30)
      }),
    ClassifierRow(
      "tls-untrusted", when: "the server leaves an intermediate certificate out", by: "tls-trust",
      words: ["leaves out"], verified([.sample()], .sample(issues: [.untrusted]))),
    ClassifierRow(
      "tls-system-roots", when: "sslrootcert=system meets RDS's private roots", by: "tls-trust",
      words: ["private root"],
      verified(
        [.sample(), .authority], .sample(roots: [.publicRoot], issues: [.untrusted]),
        ["sslmode": "verify-full", "sslrootcert": "system"]
      ) { $0.libpqVersion = 170_002 }),
    ClassifierRow(
      "tls-system-roots", when: "the system's file meets RDS's private roots", by: "tls-trust",
      verified(
        [.sample(), .authority], .sample(roots: [.publicRoot], issues: [.selfSignedRoot]),
        ["sslmode": "verify-ca", "sslrootcert": "/etc/ssl/certs/ca-certificates.crt"])),
    ClassifierRow(
      "tls-proxy-needs-public-roots", when: "RDS Proxy's public certificate meets RDS's bundle",
      by: "tls-trust", words: ["Amazon Root CA 1", "RDS's private roots"],
      proxied("pool.proxy-abc123.eu-west-1.rds.amazonaws.com") {
        $0.handshakes = [
          .sample(
            "10.0.1.17",
            [
              .sample(
                names: ["*.proxy-abc123.eu-west-1.rds.amazonaws.com"], issuer: Certificate.publicRoot.subject)
            ])
        ]
        $0.trust?.issues = [.untrusted]
      }),
    ClassifierRow(
      "tls-expired", when: "the server's certificate has ended", by: "tls-trust", words: ["ended on"],
      verified([.sample(ends: -3), .authority], .sample(issues: [.expired]))),
    ClassifierRow(
      "tls-not-yet-valid", when: "the server's certificate begins tomorrow", by: "tls-trust",
      words: ["clock says"],
      verified([.sample(begins: 1), .authority], .sample(issues: [.notYetValid]))),
  ]

  static let objections: [ClassifierRow] = [
    objection("tls-revoked", 23, "certificate revoked", words: ["has been revoked"]),
    objection("tls-crl-unusable", 12, "CRL has expired", words: ["CRL has expired"]),
    objection("tls-wrong-purpose", 26, "unsuitable certificate purpose", words: ["not for TLS servers"]),
    objection("tls-invalid-ca", 25, "path length constraint exceeded", words: ["path length"]),
    objection("tls-weak-certificate", 66, "EE certificate key too weak", words: ["key too weak"]),
  ]

  private static func objection(_ id: String, _ code: Int32, _ text: String, words: [String]) -> ClassifierRow
  {
    ClassifierRow(
      id, when: "OpenSSL says \(text)", by: "tls-trust", words: words,
      verified(
        [.sample(), .authority],
        .sample(issues: [ChainVerification.Issue(code: code, text: text, subject: "CN=db")])))
  }

  static let certificateNames: [ClassifierRow] = [
    ClassifierRow(
      "tls-name-mismatch", when: "the certificate names another host", by: "tls-name",
      words: [Evidence.endpointName, "other.example.com"],
      verified([.sample(names: ["other.example.com"]), .authority], .sample(nameMatches: false))),
    ClassifierRow(
      "tls-tunnel-localhost", when: "this end of a tunnel is dialled", by: "tls-name", words: ["localhost"],
      .through(.tls) {
        $0.set(["host": "localhost", "sslmode": "verify-full", "sslrootcert": "/ca.pem"])
        $0.target.tokenHost = try? HostName(Evidence.endpointName)
        $0.trust = .sample(nameMatches: false, name: "localhost")
      }),
    ClassifierRow(
      "tls-proxy-endpoint-san", when: "a proxy's second endpoint is one label too long", by: "tls-name",
      words: ["one label more"],
      proxied("ro.endpoint.proxy-abc123.eu-west-1.rds.amazonaws.com") {
        $0.handshakes = [
          .sample("10.0.1.17", [.sample(names: ["*.proxy-abc123.eu-west-1.rds.amazonaws.com"])])
        ]
        $0.trust?.nameMatches = false
      }),
    ClassifierRow(
      "tls-legacy-cn", when: "the certificate has a common name only", as: .warning, by: "tls-name",
      .but { $0.handshakes = [.sample("10.0.1.17", [.legacy, .authority])] }),
    ClassifierRow(
      "dns-trailing-dot", when: "the host ends with a dot, and names are compared", by: "tls-name",
      words: ["verify-full fails"],
      .through(.tls) {
        $0.set(["host": Evidence.endpointName + ".", "sslmode": "verify-full", "sslrootcert": "/ca.pem"])
        $0.trust = .sample(nameMatches: false, name: Evidence.endpointName + ".")
      }),
    ClassifierRow(
      "dns-trailing-dot", when: "the host ends with a dot, and names are not compared", as: .warning,
      by: "tls-name",
      .but {
        $0.set(["host": Evidence.endpointName + ".", "sslmode": "require"])
        $0.trust = TrustFacts(nameMatches: false, name: Evidence.endpointName + ".")
      }),
  ]

  private static func verified(
    _ chain: [Certificate], _ trust: TrustFacts, _ parameters: [String: String]? = nil,
    _ change: (inout Evidence) -> Void = { _ in }
  ) -> Evidence {
    .through(.tls) {
      if let parameters { $0.set(parameters.merging(["host": Evidence.endpointName]) { $1 }) }
      $0.handshakes = [.sample("10.0.1.17", chain)]
      $0.trust = trust
      change(&$0)
    }
  }

  private static func proxied(_ host: String, _ change: (inout Evidence) -> Void) -> Evidence {
    .through(.tls) {
      $0.set(["host": host, "sslmode": "verify-full", "sslrootcert": "/ca.pem"])
      $0.endpoint = EndpointFacts(endpoint: DatabaseEndpoint(host), signed: host)
      $0.trust = .sample(name: host)
      change(&$0)
    }
  }
}
