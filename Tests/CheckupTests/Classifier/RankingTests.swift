import AccessModel
import Postgres
import TLS
import Testing

@testable import Checkup

@Suite("The ranking of findings")
struct RankingTests {
  private static func finding(
    _ id: String, _ severity: Severity = .error, _ confidence: Finding.Confidence = .certain,
    check: String = "login-token", consequences: [String] = []
  ) -> Finding {
    Finding(id, severity, confidence, check: check, reason: "seen", consequences: consequences)
  }

  @Test("an error stands before a warning, however certain the warning is")
  func severity() {
    let ranked = Classifier.ranked([
      Self.finding("a", .warning, .certain, check: "config-tls"), Self.finding("b", .error, .possible),
    ])
    #expect(ranked.map(\.id) == ["b", "a"])
  }

  @Test("what was measured stands before what is likely, and that before what is possible")
  func confidence() {
    let ranked = Classifier.ranked([
      Self.finding("a", .error, .possible, check: "config-tls"), Self.finding("b", .error, .probable),
      Self.finding("c", .error, .certain),
    ])
    #expect(ranked.map(\.id) == ["c", "b", "a"])
  }

  @Test("among equals the earlier stage comes first, whatever order they are found in")
  func stage() {
    let ranked = Classifier.ranked([
      Self.finding("a", check: "timing-phases"), Self.finding("b", check: "tcp-connect"),
      Self.finding("c", check: "config-target"), Self.finding("d", check: "token-facts"),
    ])
    #expect(ranked.map(\.id) == ["c", "b", "d", "a"])
  }

  @Test("what one check found keeps its order")
  func order() {
    let ranked = Classifier.ranked([Self.finding("b"), Self.finding("a"), Self.finding("c")])
    #expect(ranked.map(\.id) == ["b", "a", "c"])
  }

  @Test("a cause stands before its consequence, though it is seen later and less sure")
  func consequence() {
    let ranked = Classifier.ranked([
      Self.finding("a", check: "tls-name"),
      Self.finding("b", .error, .probable, check: "tls-addresses", consequences: ["a"]),
    ])
    #expect(ranked.map(\.id) == ["b", "a"])
  }

  @Test("a consequence whose cause was not found is a finding like others")
  func noCause() {
    let ranked = Classifier.ranked([
      Self.finding("a", check: "tls-offered", consequences: ["z"]), Self.finding("b", check: "login-token"),
    ])
    #expect(ranked.map(\.id) == ["a", "b"])
  }

  @Test("one diagnosis is said once")
  func unique() {
    let ranked = Classifier.ranked([
      Self.finding("tcp-timeout", check: "tcp-connect"), Self.finding("tcp-timeout", check: "tls-offered"),
    ])
    #expect(ranked.map(\.check) == ["tcp-connect"])
  }

  @Test("of one diagnosis said twice the graver stays")
  func graver() {
    let ranked = Classifier.ranked([
      Self.finding("tcp-timeout", .warning, check: "tcp-connect"),
      Self.finding("tcp-timeout", .error, .probable, check: "tls-offered"),
    ])
    #expect(ranked.map(\.severity) == [.error])
  }

  @Test("when --admin shows that VALID UNTIL has not passed, it is not among the causes")
  func notExpired() {
    let evidence = Evidence.refused("28P01", #"FATAL:  password authentication failed for user "app""#) {
      $0.givePassword()
      $0.login?.credential = .password
      $0.encryptedAnswer = .scram
      $0.administration = .sample(hasExpired: false)
    }
    #expect(!evidence.ranked.map(\.id).contains("role-valid-until"))
  }

  @Test("IAM's refusal of a token for a tunnel's own port is not said to be for this port")
  func tunnelPort() {
    let row = ClassifierRow.logins.first { $0.id == "tok-wrong-port" }
    let refusal = row?.evidence.ranked.first { $0.id == "iam-not-authorized" }
    #expect(refusal?.reason.contains("for this host, user and region") == true)
  }

  @Test("a dot after an alias is no error, because the endpoint is dialled without it")
  func dottedAlias() {
    let evidence = Evidence.but {
      $0.set(["host": "db.example.com.", "sslmode": "verify-full", "sslrootcert": "/ca.pem"])
      $0.endpoint?.isAlias = true
    }
    #expect(evidence.ranked.allSatisfy { $0.severity == .warning })
  }

  @Test(
    "any sslmode with a root file that is there verifies the chain, so prefer falls back to no encryption")
  func preferVerifies() {
    let evidence = Evidence.through(.tls) {
      $0.set(["host": Evidence.endpointName, "sslmode": "prefer", "sslrootcert": "/ca.pem"])
      $0.handshakes = [.sample("10.0.1.17", [.sample(issuer: Certificate.privateRoot.subject)])]
      $0.trust = .sample(issues: [.untrusted])
    }
    #expect(!evidence.ranked.isEmpty)
  }
}
