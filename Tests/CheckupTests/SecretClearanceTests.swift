import AccessModel
import DNS
import Postgres
import Sockets
import TLS
import Targets
import Testing

@testable import Checkup

@Suite("Whether a secret may go to the target's server")
struct SecretClearanceTests {
  private static let alias = "db.example.com"
  private static let root = "/ca.pem"

  /// The decision for a login with these parameters, sslmode not among them unless it is given.
  private static func clearance(
    of secret: SecretTransport.Secret = .password, host: String = Evidence.endpointName,
    _ parameters: [String: String] = [:], rootFile: String? = root, files: Set<String> = [root],
    _ change: (inout Evidence) -> Void = { _ in }
  ) -> SecretClearance {
    let evidence = Evidence.but {
      $0.target = .sample(host: host, parameters.merging(rootFile.map { ["sslrootcert": $0] } ?? [:]) { $1 })
      $0.setTLS()
      change(&$0)
    }
    return SecretClearance(
      evidence, of: secret, environment: Environment([:]), fileExists: files.contains)
  }

  private static func turn(_ evidence: inout Evidence, isDialled: Bool) {
    evidence.names?.chain = [CNAMERecord(owner: alias, target: Evidence.endpointName, ttl: 60)]
    evidence.endpoint?.isAlias = true
    evidence.endpoint?.isDialled = isDialled
  }

  @Test("a name with a good certificate is verified in full")
  func verified() {
    let clearance = Self.clearance()
    #expect(clearance.decision == .granted(mode: "verify-full") && clearance.name == Evidence.endpointName)
  }

  @Test("without a root file it is encrypted")
  func encrypted() {
    let clearance = Self.clearance(rootFile: nil)
    #expect(clearance.decision == .granted(mode: "require"))
  }

  @Test("a root file that is named and not there ends it, before anything is looked at, too")
  func missing() {
    for change in [{ _ in }, { $0.handshakes = [] }] as [(inout Evidence) -> Void] {
      let clearance = Self.clearance(files: [], change)
      #expect(clearance.reason.hasPrefix("the root file /ca.pem does not exist"))
    }
    #expect(Self.clearance(["sslmode": "require"], files: []).reason.isEmpty)
  }

  /// A token for the endpoint, and another machine that is dialled under its own name.
  private static func foreign(
    host: String = alias, _ parameters: [String: String] = [:], rootFile: String? = root,
    address: String = "10.0.1.17"
  ) -> SecretClearance {
    clearance(of: .token, host: host, parameters, rootFile: rootFile) {
      $0.endpoint?.tokenName = Evidence.endpointName
      $0.reach = [AddressReach(address: .sample(address), duration: .zero)]
    }
  }

  @Test(
    "a token for one server goes to another machine only if that proves to be the server",
    arguments: ["db.example.com", "10.0.1.17"])
  func foreignToken(host: String) {
    let proven = Self.foreign(host: host)
    #expect(proven.name == Evidence.endpointName && proven.decision == .granted(mode: "verify-full"))
    #expect(
      Self.foreign(host: host, rootFile: nil).reason.contains(
        "the token is for \(Evidence.endpointName), there is no"))
    let here = Self.foreign(host: host, address: "127.0.0.1")
    #expect(here.name == host)
  }

  @Test("a mode that was set for another server's token is obeyed, and warned of")
  func foreignTokenWithMode() {
    let weak = Self.foreign(["sslmode": "require"])
    #expect(weak.decision == .granted(mode: "require") && weak.transport.warning != nil)
  }

  @Test("without TLS nothing is sent, with an explicit mode it is")
  func plain() {
    let refused = Self.clearance { $0.handshakes = [.answering(.refused)] }
    #expect(refused.reason.hasPrefix("there is no TLS, and no sslmode is set"))
    for mode in ["disable", "allow", "prefer"] {
      let given = Self.clearance(["sslmode": mode]) { $0.handshakes = [.answering(.refused)] }
      #expect(given.decision == .granted(mode: "disable") && given.transport.warning != nil)
    }
  }

  @Test("an explicit prefer takes TLS where there is some")
  func prefer() {
    #expect(Self.clearance(["sslmode": "prefer"]).decision == .granted(mode: "require"))
  }

  @Test("an explicit prefer does not go on in plain text after a handshake that failed")
  func cut() {
    let clearance = Self.clearance(["sslmode": "prefer"]) {
      $0.handshakes = [HandshakeFacts(address: .sample("10.0.1.17"), answer: .offered)]
    }
    #expect(clearance.decision == .granted(mode: "require"))
  }

  @Test("a chain that failed ends everything secret", arguments: SecretTransport.Secret.allCases)
  func untrusted(secret: SecretTransport.Secret) {
    let clearance = Self.clearance(of: secret) {
      $0.trust?.issues = [ChainVerification.Issue(code: 18, text: "self-signed", depth: 0, subject: "CN=x")]
    }
    #expect(clearance.reason.contains("the certificate is not trusted (self-signed)"))
  }

  @Test("a certificate for another name gets nothing")
  func otherName() {
    let clearance = Self.clearance(host: "other.abc123.eu-west-1.rds.amazonaws.com") { $0.endpoint = nil }
    #expect(clearance.reason.contains("the certificate is not for other.abc123"))
  }

  @Test("what an alias leads to gets a token of its own, and no password")
  func alias() {
    let token = Self.clearance(of: .token, host: Self.alias) { Self.turn(&$0, isDialled: true) }
    #expect(token.name == Evidence.endpointName && token.decision == .granted(mode: "verify-full"))
    for secret in [SecretTransport.Secret.password, .administratorPassword] {
      let refused = Self.clearance(of: secret, host: Self.alias) { Self.turn(&$0, isDialled: true) }
      #expect(refused.name == Self.alias && !refused.reason.isEmpty)
    }
    let foreign = Self.clearance(of: .token, host: Self.alias) { Self.turn(&$0, isDialled: false) }
    #expect(foreign.name == Self.alias && !foreign.reason.isEmpty)
    let unknown = Self.clearance(of: .token, host: Self.alias, rootFile: nil) {
      Self.turn(&$0, isDialled: true)
    }
    #expect(unknown.reason.contains("no root file"))
  }

  @Test("verify-full through an alias is for the alias's own name, whoever set it")
  func explicitAlias() {
    let full = Self.clearance(host: Self.alias, ["sslmode": "verify-full"]) {
      Self.turn(&$0, isDialled: false)
    }
    #expect(full.reason.contains("is an alias"))
    let weaker = Self.clearance(host: Self.alias, ["sslmode": "verify-ca"]) {
      Self.turn(&$0, isDialled: false)
    }
    #expect(weaker.decision == .granted(mode: "verify-ca") && weaker.transport.warning != nil)
  }

  @Test("where nobody has looked, libpq is told to insist")
  func unseen() {
    #expect(Self.clearance { $0.handshakes = [] }.decision == .granted(mode: "verify-full"))
    #expect(Self.clearance(["sslmode": "prefer"]) { $0.handshakes = [] }.decision == .granted(mode: "prefer"))
  }
}
