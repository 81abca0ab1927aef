import AccessModel
import Testing

@testable import Targets

/// What libpq makes of the TLS parameters.
@Suite("Effective TLS")
struct EffectiveTLSTests {
  /// The mode that results from parameters, where `files` are those that exist.
  private static func effective(
    _ parameters: [String: String], home: String? = "/home/app", files: Set<String> = []
  ) -> EffectiveTLS {
    var settings = ConnectionSettings()
    for (keyword, value) in parameters { settings.add(keyword, value, .flag("--\(keyword)")) }
    return EffectiveTLS(settings, environment: Environment(home.map { ["HOME": $0] } ?? [:])) {
      files.contains($0)
    }
  }

  @Test("nothing given is prefer, and verifies nothing")
  func nothing() {
    let tls = Self.effective([:])
    #expect(tls.asked == "prefer" && tls.mode == "prefer")
    #expect(tls.rootFile == nil && tls.rootSource == nil)
    #expect(!tls.verifiesChain && !tls.verifiesName && !tls.demandsTLS && !tls.usesSystemRoots)
  }

  @Test("require with a root file that exists verifies the chain, as verify-ca does")
  func requireWithFile() {
    let tls = Self.effective(["sslmode": "require", "sslrootcert": "/ca.pem"], files: ["/ca.pem"])
    #expect(tls.asked == "require" && tls.mode == "verify-ca")
    #expect(tls.verifiesChain && !tls.verifiesName && tls.demandsTLS)
    #expect(tls.rootFile == "/ca.pem" && tls.rootSource == .flag("--sslrootcert"))
  }

  @Test("require with a root file that does not exist verifies nothing")
  func requireWithMissingFile() {
    let tls = Self.effective(["sslmode": "require", "sslrootcert": "/ca.pem"])
    #expect(tls.mode == "require" && !tls.verifiesChain && tls.demandsTLS)
  }

  @Test("a root.crt in the home folder turns require into verify-ca, too")
  func requireWithHomeFile() {
    let path = "/home/app/.postgresql/root.crt"
    let tls = Self.effective(["sslmode": "require"], files: [path])
    #expect(tls.mode == "verify-ca")
    #expect(tls.rootFile == path && tls.rootSource == .builtIn)
  }

  @Test("a given root file keeps the home folder's out of the game")
  func givenBeatsHome() {
    let tls = Self.effective(
      ["sslmode": "require", "sslrootcert": "/missing.pem"], files: ["/home/app/.postgresql/root.crt"])
    #expect(tls.mode == "require" && tls.rootFile == "/missing.pem")
  }

  @Test("without a home there is no root.crt")
  func noHome() {
    let tls = Self.effective(["sslmode": "verify-full"], home: nil)
    #expect(tls.rootFile == nil && tls.verifiesChain && tls.verifiesName)
  }

  @Test("verify-full names the home's root.crt whether it exists or not")
  func verifyFull() {
    let tls = Self.effective(["sslmode": "verify-full"])
    #expect(tls.rootFile == "/home/app/.postgresql/root.crt" && tls.rootSource == .builtIn)
  }

  @Test(
    "prefer, allow and disable stay what they are, with a root file, too",
    arguments: ["prefer", "allow", "disable"])
  func weakModes(mode: String) {
    let tls = Self.effective(["sslmode": mode, "sslrootcert": "/ca.pem"], files: ["/ca.pem"])
    #expect(tls.mode == mode && !tls.demandsTLS && !tls.verifiesName)
  }

  @Test("sslrootcert=system is no file")
  func systemRoots() {
    let tls = Self.effective(["sslmode": "verify-full", "sslrootcert": "system"], files: ["system"])
    #expect(tls.usesSystemRoots && tls.rootFile == nil && tls.verifiesName)
  }

  @Test("sslrootcert=system alone means verify-full, as in libpq 16 and later")
  func systemRootsAlone() {
    let tls = Self.effective(["sslrootcert": "system"])
    #expect(tls.mode == "verify-full" && tls.verifiesChain && tls.verifiesName && tls.demandsTLS)
  }
}
