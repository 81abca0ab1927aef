import Foundation
import TLS
import Testing

@Suite("A verification names every reason, in OpenSSL's codes")
struct ChainVerificationTests {
  private static let day: TimeInterval = 86_400
  private static let year = 365 * day

  private func verify(
    _ chain: [String], _ bundle: String, at date: Date = .now + day
  ) async throws -> ChainVerification {
    let made = try await TestCertificates.made.value
    return try ChainVerification.verify(
      chain.map { try made.certificate($0) }, against: made.bundle(bundle), at: date)
  }

  @Test("a certificate below a trusted root is trusted, and the chain shows the root")
  func trusted() async throws {
    let result = try await verify(["server"], "root")
    #expect(result.isTrusted)
    #expect(result.chain.map(\.commonName) == ["db.example.com", "Test Root"])
  }

  @Test("an expired certificate is 10, one of tomorrow is 9")
  func dates() async throws {
    let late = try await verify(["server"], "root", at: .now + 2 * Self.year)
    #expect(late.issues.map(\.code) == [10])
    #expect(late.issues.first?.text == "certificate has expired")
    #expect(late.issues.first?.depth == 0)
    let early = try await verify(["server"], "root", at: .now - Self.year)
    #expect(early.issues.contains { $0.code == 9 && $0.depth == 0 })
  }

  @Test("a certificate of an authority that is not in the bundle is 20")
  func untrusted() async throws {
    let result = try await verify(["server"], "other")
    #expect(result.issues.map(\.code) == [20, 21])
    #expect(result.issues.first?.subject == "CN=db.example.com,O=Exämple")
  }

  @Test("a self-signed certificate is 18, a chain up to an unknown root is 19")
  func selfSigned() async throws {
    #expect(try await verify(["own"], "root").issues.map(\.code) == [18])
    #expect(try await verify(["server", "root"], "other").issues.map(\.code) == [19])
  }

  @Test("a self-signed certificate that is in the bundle is trusted")
  func pinned() async throws {
    #expect(try await verify(["own"], "own").isTrusted)
  }

  @Test("a missing intermediate is 20, and trusting the intermediate alone is not enough")
  func intermediate() async throws {
    #expect(try await verify(["below", "middle"], "root").isTrusted)
    #expect(try await verify(["below"], "root").issues.first?.code == 20)
    let partial = try await verify(["below"], "middle")
    #expect(partial.issues.first?.code == 2)
    #expect(partial.issues.first?.depth == 1)
  }

  @Test("a certificate for clients is 26 on a server")
  func purpose() async throws {
    #expect(try await verify(["client"], "root").issues.map(\.code) == [26])
  }

  @Test(
    "what OpenSSL objects to is of one kind",
    arguments: [
      (18, .untrusted), (20, .untrusted), (10, .expired), (9, .notYetValid), (23, .revoked),
      (3, .revocationList),
      (12, .revocationList), (26, .purpose), (25, .authority), (79, .authority), (66, .weak), (68, .weak),
      (50, .other),
    ] as [(Int32, ChainVerification.Issue.Kind)])
  func kinds(code: Int32, kind: ChainVerification.Issue.Kind) {
    #expect(ChainVerification.Issue(code: code, text: "").kind == kind)
  }

  @Test("several reasons are all there")
  func several() async throws {
    let result = try await verify(["server"], "other", at: .now + 2 * Self.year)
    #expect(result.has(20) && result.has(10))
  }

  @Test("no certificate is an issue of its own")
  func nothing() {
    #expect(!ChainVerification.verify([], against: TrustBundle(certificates: []), at: .now).isTrusted)
  }
}
