import AccessModel
import DNS
import Postgres
import Sockets
import TLS
import Targets
import Testing

@testable import Checkup

/// A set-up in which nothing is wrong.
struct HealthySetup: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let evidence: Evidence

  static let all: [HealthySetup] = [
    HealthySetup("an RDS instance over TLS 1.3") { _ in },
    HealthySetup("an RDS instance over TLS 1.2") {
      $0.handshakes = [.sample("10.0.1.17", [.sample(), .authority], version: "TLSv1.2")]
    },
    HealthySetup("an alias of an instance") {
      $0.target = .sample(host: "db.example.com", ["sslmode": "verify-full", "sslrootcert": "/ca.pem"])
      $0.names?.chain = [CNAMERecord(owner: "db.example.com", target: Evidence.endpointName, ttl: 60)]
      $0.endpoint?.isAlias = true
    },
    HealthySetup("IPv6") {
      $0.reach = [.sample("2001:db8::5")]
      $0.handshakes = [.sample("2001:db8::5", [.sample(), .authority])]
    },
    HealthySetup("a proxy with the system's public roots") {
      let host = "pool.proxy-abc123.eu-west-1.rds.amazonaws.com"
      $0.set(["host": host, "sslmode": "verify-full", "sslrootcert": "/etc/ssl/certs/ca-certificates.crt"])
      $0.endpoint = EndpointFacts(endpoint: DatabaseEndpoint(host), signed: host)
      $0.handshakes = [.sample("10.0.1.17", [.sample(names: [host], issuer: Certificate.publicRoot.subject)])]
      $0.trust = .sample(roots: [.publicRoot], name: host)
    },
    HealthySetup("a tunnel with hostaddr") {
      $0.set([
        "host": Evidence.endpointName, "hostaddr": "127.0.0.1", "sslmode": "verify-full",
        "sslrootcert": "/ca.pem",
      ])
      $0.target.port = 15_432
      $0.target.tokenHost = try? HostName(Evidence.endpointName)
      $0.target.tokenPort = 5432
      $0.reach = [.sample("127.0.0.1")]
      $0.handshakes = [.sample("127.0.0.1", [.sample(), .authority])]
    },
    HealthySetup("a password user of a server without TLS") {
      $0.set(["host": "db.example.com"])
      $0.givePassword()
      $0.endpoint = EndpointFacts(endpoint: nil, signed: "db.example.com")
      $0.handshakes = [.answering(.refused)]
      $0.trust = nil
      ($0.plaintextAnswer, $0.encryptedAnswer) = (.scram, nil)
      $0.role = RoleFacts(serverVersion: 180_001, objects: 12)
    },
    HealthySetup("require without a root file") {
      $0.set(["host": Evidence.endpointName, "sslmode": "require"], rootFileExists: false)
      $0.trust = nil
    },
    HealthySetup("verify-ca through a name that the certificate does not have") {
      $0.set(["host": Evidence.endpointName, "sslmode": "verify-ca", "sslrootcert": "/ca.pem"])
      $0.handshakes = [.sample("10.0.1.17", [.sample(names: ["other.example.com"]), .authority])]
      $0.trust?.nameMatches = false
    },
    HealthySetup("two addresses of one service") {
      $0.reach.append(.sample("10.0.2.17"))
      $0.handshakes.append(.sample("10.0.2.17", [.sample(), .authority]))
    },
    HealthySetup("an IPv6 address that refuses beside an IPv4 one that does not") {
      $0.reach.append(.sample("2001:db8::5", .refused))
    },
    HealthySetup("a HelloRetryRequest next door to the server") {
      $0.handshakes = [.sample("10.0.1.17", [.sample(), .authority], retry: true)]
    },
    HealthySetup("a given token, with an administrator's view of the role") {
      $0.makesToken = false
      $0.credentials = nil
      $0.password = PasswordFacts(source: .environment("PGPASSWORD"), length: 345, looksLikeToken: true)
      $0.administration = .sample(paths: [["app", "rds_iam"]])
      $0.administration?.clockOffset = .seconds(3)
    },
    HealthySetup("a role that may read some objects, and not others") { $0.role?.unreadable = 3 },
    HealthySetup("a database without objects") { $0.role?.objects = 0 },
    HealthySetup("a reader of a cluster in recovery") {
      $0.endpoint?.endpoint = DatabaseEndpoint("shop.cluster-ro-abc123.eu-west-1.rds.amazonaws.com")
      $0.role?.isInRecovery = true
    },
    HealthySetup("clear text is the only method that is allowed") {
      $0.target.settings.add("require_auth", "none, password", .conninfo)
      $0.target.settings.add("channel_binding", "prefer", .conninfo)
      $0.target.settings.add("replication", "off", .conninfo)
    },
    HealthySetup("verification takes long at 300 ms of round trip, and so does everything") {
      $0.timing?.roundTrip = .milliseconds(300)
      $0.timing?.samples = [
        [
          PhaseSample(.tcp, .milliseconds(300)), PhaseSample(.tls, .milliseconds(600)),
          PhaseSample(.authentication, .milliseconds(700)),
        ]
      ]
    },
  ]

  private init(_ description: String, _ change: (inout Evidence) -> Void) {
    testDescription = description
    evidence = .but(change)
  }
}

@Suite("Healthy set-ups")
struct HealthyTests {
  @Test("nothing is found", arguments: HealthySetup.all)
  func nothing(_ setup: HealthySetup) {
    #expect(setup.evidence.ranked.map(\.id) == [])
  }

  @Test("nothing is found while the run has not come far yet", arguments: Stage.allCases)
  func early(_ stage: Stage) {
    #expect(Evidence.through(stage) { _ in }.ranked.map(\.id) == [])
  }
}
