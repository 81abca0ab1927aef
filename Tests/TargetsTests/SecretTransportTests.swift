import AccessModel
import Testing

@testable import Targets

@Suite("How a secret goes to a server")
struct SecretTransportTests {
  private static let endpoint = "db.abc123.eu-west-1.rds.amazonaws.com"
  private static let root = "/home/app/.postgresql/root.crt"

  /// The decision for parameters, where `files` are those that exist.
  private static func transport(
    _ parameters: [String: String], files: Set<String> = [], isAlias: Bool = false,
    isThisMachine: Bool = true, source: SettingSource = .environment("PGSSLMODE"),
    of secret: SecretTransport.Secret = .password
  ) -> SecretTransport {
    var settings = ConnectionSettings()
    for (keyword, value) in parameters { settings.add(keyword, value, source) }
    settings.add("sslmode", "prefer", .builtIn)
    return SecretTransport(
      settings, environment: Environment(["HOME": "/home/app"]), of: secret, isAlias: isAlias,
      isThisMachine: { isThisMachine && ["localhost", "desk"].contains($0) }, fileExists: files.contains)
  }

  @Test(
    "without an sslmode it is encrypted everywhere but on this machine",
    arguments: [
      (["host": endpoint], "require"), (["host": "db.example.com"], "require"),
      (["host": "10.0.0.5"], "require"), (["host": "2001:db8::5"], "require"),
      (["hostaddr": "10.0.0.5"], "require"), ([:], "prefer"), (["host": "/run/postgresql"], "prefer"),
      (["host": "@abstract"], "prefer"), (["host": "127.0.0.1"], "prefer"), (["host": "::1"], "prefer"),
      (["host": "localhost"], "prefer"), (["host": "desk"], "prefer"), (["host": "127.1"], "require"),
      (["host": "0.0.0.0"], "require"),
      (["host": "::ffff:127.0.0.1"], "prefer"),
    ] as [([String: String], String)])
  func unset(parameters: [String: String], mode: String) {
    let transport = Self.transport(parameters)
    #expect(transport.mode == mode && !transport.isExplicit && transport.warning == nil)
    #expect(transport.isExempt == (mode == "prefer"))
    #expect(!transport.prefersTLS)
  }

  @Test(
    "what counts is where the packets go",
    arguments: [
      (["host": "127.0.0.1", "hostaddr": "10.0.0.5"], "require"),
      (["host": "localhost", "hostaddr": "10.0.0.5"], "require"),
      (["host": "/run/postgresql", "hostaddr": "10.0.0.5"], "require"),
      (["host": "db.example.com", "hostaddr": "127.0.0.1"], "prefer"),
      (["host": "localhost,db.example.com"], "require"), (["host": "localhost,/run"], "prefer"),
      (["host": "a,b", "hostaddr": "127.0.0.1,10.0.0.5"], "require"),
      (["host": ",10.0.0.5"], "require"), (["host": "a,b", "hostaddr": "127.0.0.1"], "require"),
      (["host": endpoint, "hostaddr": "127.0.0.1"], "require"),
    ] as [([String: String], String)])
  func packets(parameters: [String: String], mode: String) {
    #expect(Self.transport(parameters).mode == mode)
  }

  @Test("localhost that leads elsewhere is another machine")
  func falseLocalhost() {
    #expect(Self.transport(["host": "localhost"], isThisMachine: false).mode == "require")
    #expect(Self.transport(["host": "db.localhost"], isThisMachine: false).mode == "require")
  }

  @Test(
    "a name is verified wherever there is a root file",
    arguments: [["host": endpoint], ["host": "db.example.com"], ["host": endpoint, "hostaddr": "127.0.0.1"]])
  func verified(parameters: [String: String]) {
    let home = Self.transport(parameters, files: [Self.root])
    #expect(home.mode == "verify-full" && home.rootFile == Self.root)
    let given = Self.transport(
      parameters.merging(["sslrootcert": "/ca.pem"]) { $1 }, files: ["/ca.pem", Self.root])
    #expect(given.mode == "verify-full" && given.rootFile == "/ca.pem")
    let missing = Self.transport(parameters.merging(["sslrootcert": "/ca.pem"]) { $1 }, files: [Self.root])
    #expect(missing.mode == "verify-full" && missing.missingRootFile == "/ca.pem")
  }

  @Test("an address has no name to verify, and an exempt one needs none")
  func addresses() {
    #expect(Self.transport(["host": "10.0.0.5"], files: [Self.root]).mode == "require")
    #expect(Self.transport(["host": "127.0.0.1"], files: [Self.root]).mode == "prefer")
    for files in [[], ["/ca.pem"]] as [Set<String>] {
      let given = Self.transport(["host": "10.0.0.5", "sslrootcert": "/ca.pem"], files: files)
      #expect(given.mode == "verify-ca" && given.verifiesChain && !given.verifiesName)
      let local = Self.transport(["host": "127.0.0.1", "sslrootcert": "/ca.pem"], files: files)
      #expect(local.mode == "prefer" && local.warning == nil)
    }
  }

  @Test("sslrootcert=system verifies every name")
  func system() {
    #expect(Self.transport(["host": "db.example.com", "sslrootcert": "system"]).mode == "verify-full")
  }

  @Test("an alias of an endpoint is verified, or nothing is sent")
  func alias() {
    let transport = Self.transport(["host": "db.example.com"], isAlias: true)
    #expect(transport.mode == "verify-full" && transport.rootFile == nil)
  }

  @Test("an explicit weaker mode is obeyed, and warned of", arguments: ["disable", "allow", "prefer"])
  func weak(mode: String) throws {
    let transport = Self.transport(["host": Self.endpoint, "sslmode": mode], of: .token)
    #expect(transport.mode == mode && transport.isExplicit)
    #expect(transport.prefersTLS == (mode == "prefer"))
    let warning = try #require(transport.warning)
    #expect(
      warning.hasPrefix("warning: with sslmode=\(mode) (PGSSLMODE) the token goes to \(Self.endpoint) un"))
  }

  @Test("require is weaker only where the name could have been verified")
  func require() {
    let parameters = ["host": Self.endpoint, "sslmode": "require"]
    #expect(Self.transport(parameters).warning == nil)
    #expect(Self.transport(parameters, files: [Self.root]).warning?.contains("verifying its name") == true)
    #expect(Self.transport(parameters, isAlias: true).warning?.contains("verifying who answers") == true)
    #expect(Self.transport(parameters.merging(["sslmode": "verify-full"]) { $1 }).warning == nil)
    let missing = Self.transport(parameters.merging(["sslrootcert": "/ca.pem"]) { $1 })
    #expect(missing.warning?.contains("verifying who answers") == true)
  }

  @Test("a weak mode on this machine needs no warning")
  func local() {
    let transport = Self.transport(["host": "127.0.0.1", "sslmode": "disable"], files: [Self.root])
    #expect(transport.mode == "disable" && transport.warning == nil)
  }

  @Test("an administrator's mode is --admin's")
  func administrator() {
    let transport = Self.transport(
      ["host": "db.example.com", "sslmode": "disable"], source: .conninfo, of: .administratorPassword)
    #expect(transport.warning?.contains("(--admin) the administrator's password goes") == true)
  }
}
