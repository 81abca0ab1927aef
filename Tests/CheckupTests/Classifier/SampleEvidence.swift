import AccessModel
import DNS
import FoundationEssentials
import Identity
import Postgres
import Signing
import Sockets
import TLS
import Targets

@testable import Checkup

/// Evidence of logins that go well, from which tests change what is to go wrong.
extension Evidence {
  static let endpointName = "shop.abc123.eu-west-1.rds.amazonaws.com"
  static let date = Date(timeIntervalSince1970: 1_795_000_000)

  /// A login by token to an RDS instance, verified in full: everything as it should be.
  static var healthy: Evidence {
    var evidence = Evidence(
      target: .sample(host: endpointName, ["sslmode": "verify-full", "sslrootcert": "/ca.pem"]), date: date)
    evidence.target.region = "eu-west-1"
    evidence.libpqVersion = 150_018
    evidence.setTLS()
    evidence.names = Resolution(
      question: endpointName, addresses: [AddressRecord(address: "10.0.1.17", ttl: 5)], server: "10.0.0.2:53")
    evidence.endpoint = EndpointFacts(endpoint: DatabaseEndpoint(endpointName), signed: endpointName)
    evidence.reach = [.sample("10.0.1.17")]
    evidence.handshakes = [.sample("10.0.1.17", [.sample(), .authority])]
    evidence.trust = TrustFacts(
      roots: .loaded(TrustBundle(certificates: [.root])), issues: [], nameMatches: true, name: endpointName)
    evidence.plaintextAnswer = .rejected
    evidence.encryptedAnswer = .clearText
    evidence.credentials = .found(
      source: "environment", suffix: "1234", isTemporary: false, expiration: nil, trail: CredentialTrail())
    evidence.token = TokenFacts(length: 345, isGiven: false, host: endpointName)
    evidence.login = LoginFacts(credential: .token, succeeded: true)
    evidence.role = RoleFacts(serverVersion: 160_004, iamPaths: [["app", "rds_iam"]], objects: 12)
    evidence.timing = .sample(authentication: .milliseconds(80))
    return evidence
  }

  /// The healthy login with something changed.
  static func but(_ change: (inout Evidence) -> Void) -> Evidence {
    var evidence = healthy
    change(&evidence)
    return evidence
  }

  /// What is known when a run came no further than a stage, with something changed.
  static func through(_ stage: Stage, _ change: (inout Evidence) -> Void) -> Evidence {
    var evidence = healthy
    let later: [(Stage, (inout Evidence) -> Void)] = [
      (.dns, { $0.names = nil }), (.dns, { $0.endpoint = nil }), (.tcp, { $0.reach = [] }),
      (.tls, { $0.handshakes = [] }), (.tls, { $0.trust = nil }),
      (.route, { $0.plaintextAnswer = nil }), (.route, { $0.encryptedAnswer = nil }),
      (.credentials, { $0.credentials = nil }), (.token, { $0.token = nil }), (.login, { $0.login = nil }),
      (.privileges, { $0.role = nil }), (.timing, { $0.timing = nil }),
    ]
    for (place, forget) in later where place > stage { forget(&evidence) }
    change(&evidence)
    return evidence
  }

  /// A login that came to the server and was refused there.
  static func refused(
    _ sqlstate: String?, _ message: String, phase: ConnectionTimeline.Phase = .authentication,
    _ change: (inout Evidence) -> Void = { _ in }
  ) -> Evidence {
    through(.login) {
      $0.login = LoginFacts(
        credential: .token, succeeded: false, sqlstate: sqlstate, message: message, phase: phase,
        phaseDuration: .milliseconds(40))
      change(&$0)
    }
  }

  /// Sets parameters as flags would, and what TLS comes to with them.
  mutating func set(_ parameters: [String: String], rootFileExists: Bool = true) {
    target.settings = .sample(parameters)
    target.host = target.settings["host"].flatMap { try? HostName($0) } ?? target.host
    setTLS(rootFileExists: rootFileExists)
  }

  mutating func setTLS(rootFileExists: Bool = true) {
    tls = EffectiveTLS(target.settings, environment: Environment(["HOME": "/home/app"])) {
      rootFileExists && $0 == target.settings["sslrootcert"]
    }
  }

  /// All findings of all checks, ranked as a report ranks them.
  var ranked: [Finding] {
    Classifier.ranked(CheckRegistry.all.flatMap { Classifier.findings(self, of: $0.id) })
  }
}

extension ConnectionSettings {
  static func sample(_ parameters: [String: String]) -> ConnectionSettings {
    var settings = ConnectionSettings()
    for (keyword, value) in parameters.sorted(by: { $0.key < $1.key }) {
      settings.add(keyword, value, .flag("--\(keyword)"))
    }
    settings.add("sslmode", "prefer", .builtIn)
    return settings
  }
}

extension TargetFacts {
  static func sample(host: String, _ parameters: [String: String] = [:]) -> TargetFacts {
    TargetFacts(
      settings: .sample(parameters.merging(["host": host]) { $1 }), host: try? HostName(host), user: "app",
      database: "shop")
  }
}

extension SocketAddress {
  static func sample(_ host: String) -> SocketAddress { SocketAddress(host, port: 5432)! }
}

extension AddressReach {
  static func sample(
    _ host: String, _ failure: TCPFailure? = nil, after duration: Duration = .milliseconds(1),
    from source: String? = nil
  ) -> AddressReach {
    AddressReach(
      address: .sample(host), failure: failure, duration: duration, source: source.map { .sample($0) })
  }
}

extension FirstAnswer {
  static let clearText = FirstAnswer.authentication(code: 3, mechanisms: [])
  static let scram = FirstAnswer.authentication(code: 10, mechanisms: ["SCRAM-SHA-256"])
  static let rejected = failed(
    "28000",
    #"pg_hba.conf rejects connection for host "10.0.0.9", user "app", database "shop", no encryption"#)

  static func failed(_ sqlstate: String, _ message: String) -> FirstAnswer {
    .error(ServerMessage(sqlstate: sqlstate, message: message))
  }
}

extension TimingFacts {
  /// One sample at a round trip of 1 ms.
  static func sample(authentication: Duration) -> TimingFacts {
    TimingFacts(
      samples: [
        [
          PhaseSample(.dns, .milliseconds(2)), PhaseSample(.tcp, .milliseconds(1)),
          PhaseSample(.tlsRequest, .milliseconds(1)), PhaseSample(.tls, .milliseconds(5)),
          PhaseSample(.startup, .milliseconds(2)), PhaseSample(.authentication, authentication),
          PhaseSample(.ready, .milliseconds(1)),
        ]
      ], roundTrip: .milliseconds(1))
  }
}
