import AccessModel
import Postgres
import Sockets
import TLS
import Targets

@testable import Checkup

extension ClassifierRow {
  static let peers: [ClassifierRow] = [
    ClassifierRow(
      "tcp-http-middlebox", when: "HTTP answers the SSLRequest", by: "tls-offered", words: ["HTTP/1.1 400"],
      answered(.foreign(Array("HTTP/1.1 400 Bad Request".utf8)))),
    ClassifierRow(
      "tcp-other-protocol", when: "MySQL greets", by: "tls-offered", words: ["MySQL"],
      answered(.foreign([0x4A, 0, 0, 0, 10] + Array("8.0.36".utf8)))),
    ClassifierRow(
      "tcp-other-protocol", when: "SSH greets", by: "tls-offered", words: ["SSH"],
      answered(.foreign(Array("SSH-2.0-OpenSSH_9.2".utf8)))),
    ClassifierRow(
      "tcp-other-protocol", when: "something unknown answers", by: "tls-offered",
      answered(.foreign(Array("220 smtp".utf8)))),
    ClassifierRow(
      "tcp-closed-early", when: "the connection ends instead of an answer", by: "tls-offered",
      answered(.closed)),
    ClassifierRow(
      "tcp-closed-early", when: "the connection is reset instead of an answer", by: "tls-offered",
      answered(.lost("connection reset by the peer"))),
    ClassifierRow(
      "tcp-timeout", when: "the peer accepts and is silent", by: "tls-offered", words: ["said nothing"],
      answered(.silent)),
    ClassifierRow(
      "srv-slots", when: "the server has no slot even for an SSLRequest", by: "tls-offered",
      answered(.error(.init(sqlstate: "53300", message: "sorry, too many clients already")))),
    ClassifierRow(
      "tls-not-offered", when: "the server answers N and the mode insists", by: "tls-offered",
      words: ["verify-full"], answered(.refused)),
  ]

  static let handshakes: [ClassifierRow] = [
    ClassifierRow(
      "tcp-closed-early", when: "the connection ends in the handshake", by: "tls-versions",
      shaken(.failing(.closed))),
    ClassifierRow(
      "tcp-closed-early", when: "the connection is reset in the handshake", by: "tls-versions",
      shaken(.failing(.reset))),
    ClassifierRow(
      "tcp-timeout", when: "the server falls silent in the handshake", by: "tls-versions",
      shaken(.failing(.timedOut))),
    ClassifierRow(
      "tcp-other-protocol", when: "an S was no answer but SSH's greeting", by: "tls-versions", words: ["SSH"],
      shaken(.failing(.notTLS(Array("SH-2.0-OpenSSH_9.2".utf8))))),
    ClassifierRow(
      "tls-protocol-version", when: "the server refuses the version", by: "tls-versions", words: ["TLSv1.2"],
      shaken(.failing(.alert(TLSAlert(number: 70))))),
    ClassifierRow(
      "tls-protocol-version", when: "the server chooses a version that was not offered", by: "tls-versions",
      shaken(.failing(.unsupportedVersion))),
    ClassifierRow(
      "tcp-closed-early", when: "the server gives the handshake up", by: "tls-versions",
      words: ["handshake failure"], shaken(.failing(.alert(TLSAlert(number: 40))))),
    ClassifierRow(
      "tls-direct-unsupported", when: "direct negotiation is answered with an end", by: "tls-versions",
      shaken(.failing(.closed, isDirect: true))),
    ClassifierRow(
      "tls-direct-unsupported", when: "whoever ends TLS does not know PostgreSQL's ALPN", by: "tls-versions",
      words: ["ALPN"],
      .through(.tls) { $0.handshakes[0].isDirect = true }),
    ClassifierRow(
      "tls-hello-retry", when: "a second ClientHello costs 40 ms", as: .warning, by: "timing-phases",
      words: ["prime256v1", "40 ms"],
      .but {
        $0.reach[0].roundTrip = .milliseconds(40)
        $0.handshakes = [.sample("10.0.1.17", [.sample(), .authority], retry: true)]
        $0.timing = TimingFacts(
          samples: [[PhaseSample(.tcp, .milliseconds(40))]], roundTrip: .milliseconds(40))
      }),
    ClassifierRow(
      "tls-expired", when: "the server's certificate ends in five days", as: .warning, by: "tls-expiry",
      words: ["5 days"], .but { $0.handshakes = [.sample("10.0.1.17", [.sample(ends: 5), .authority])] }),
    ClassifierRow(
      "tls-expired", when: "the authority in the chain ends in five days", as: .warning, by: "tls-expiry",
      words: ["5 days"],
      .but {
        let authority = Certificate.authority(
          issuer: Certificate.root.subject, subject: Certificate.authority.subject, ends: 5)
        $0.handshakes = [.sample("10.0.1.17", [.sample(), authority])]
      }),
    ClassifierRow(
      "dns-two-servers-one-name", when: "the second address has no TLS", by: "tls-addresses",
      words: ["10.0.1.17", "10.0.2.17", "no TLS"],
      .through(.tls) {
        $0.reach.append(.sample("10.0.2.17"))
        $0.handshakes.append(.answering(.refused, at: "10.0.2.17"))
      }),
    ClassifierRow(
      "dns-two-servers-one-name", when: "the first address has no TLS", second: "tls-not-offered",
      by: "tls-addresses",
      .through(.tls) {
        $0.reach.insert(.sample("10.0.2.17"), at: 0)
        $0.handshakes.insert(.answering(.refused, at: "10.0.2.17"), at: 0)
      }),
    ClassifierRow(
      "dns-two-servers-one-name", when: "the first address is another server", second: "tls-name-mismatch",
      by: "tls-addresses", words: ["is other.example.com"],
      .through(.tls) {
        $0.reach.insert(.sample("10.0.2.17"), at: 0)
        $0.handshakes.insert(.sample("10.0.2.17", [.sample(names: ["other.example.com"])]), at: 0)
        $0.trust = .sample(nameMatches: false)
      }),
  ]

  private static func answered(_ answer: TLSRequestAnswer) -> Evidence { shaken(.answering(answer)) }

  private static func shaken(_ facts: HandshakeFacts) -> Evidence {
    .through(.tls) {
      $0.handshakes = [facts]
      $0.trust = nil
    }
  }
}
