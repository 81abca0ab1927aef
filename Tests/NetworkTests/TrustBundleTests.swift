import Foundation
import TLS
import Testing

@Suite("A trust bundle loads, or says what the file is instead")
struct TrustBundleTests {
  private func failure(_ path: String) -> TrustBundleFailure? {
    #expect(throws: TrustBundleFailure.self) { try TrustBundle.load(path: path) }
  }

  private func content(of bytes: [UInt8]) throws -> TrustBundleFailure.Content? {
    let folder = try TemporaryFolder()
    guard case .notPEM(_, let content) = failure(try folder.write(bytes, to: "bundle.pem")) else {
      return nil
    }
    return content
  }

  @Test("certificates come in the file's order, with comments between them")
  func loads() async throws {
    let made = try await TestCertificates.made.value
    let folder = try TemporaryFolder()
    let root = try String(contentsOfFile: made.path("root.pem"), encoding: .utf8)
    let other = try String(contentsOfFile: made.path("other.pem"), encoding: .utf8)
    let path = try folder.write(
      "# Root\r\n" + root.replacing("\n", with: "\r\n") + "\nAnother\n" + other, to: "bundle.pem")
    let bundle = try TrustBundle.load(path: path)
    #expect(bundle.certificates.map(\.commonName) == ["Test Root", "Another Root"])
    #expect(bundle.blockCount == 2)
    #expect(bundle.origin == .file(path))
  }

  @Test("a file that is not there, and a folder, have the system's reason")
  func missing() throws {
    let folder = try TemporaryFolder()
    let path = "\(folder.path)/none.pem"
    #expect(failure(path) == .missing(path: path, errno: ENOENT))
    #expect(failure(folder.path) == .missing(path: folder.path, errno: EISDIR))
    #expect(failure(path)?.description == "\(path): No such file or directory")
  }

  @Test(
    "what is downloaded instead of a bundle is recognised",
    arguments: [
      ("", TrustBundleFailure.Content.empty), (" \n\n", .empty),
      ("<!DOCTYPE html>\n<html><body>Sign in</body></html>", .html), ("\u{FEFF}<HTML></HTML>", .html),
      ("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", .xml),
      ("{\"message\":\"Forbidden\"}", .json), ("404 page not found", .text), ("a\0b", .binary),
      ("-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n", .privateKey),
      ("-----BEGIN PUBLIC KEY-----\nMIGH\n-----END PUBLIC KEY-----\n", .otherPEM("PUBLIC KEY")),
    ])
  func otherContent(text: String, expected: TrustBundleFailure.Content) throws {
    #expect(try content(of: Array(text.utf8)) == expected)
  }

  @Test("a certificate in DER form is recognised")
  func der() async throws {
    let made = try await TestCertificates.made.value
    #expect(
      failure(made.path("root.der")) == .notPEM(path: made.path("root.der"), looksLike: .der))
  }

  @Test("a damaged block is named with its line, and how many were good before it")
  func damaged() async throws {
    let made = try await TestCertificates.made.value
    let folder = try TemporaryFolder()
    let root = try String(contentsOfFile: made.path("root.pem"), encoding: .utf8)
    let lines = root.split(separator: "\n").count
    let cut = root.split(separator: "\n").prefix(4).joined(separator: "\n")
    let path = try folder.write(root + cut + "\n", to: "bundle.pem")
    #expect(failure(path) == .partlyUnreadable(path: path, readable: 1, block: 2, line: lines + 1))
  }

  @Test("the system's roots are those of OpenSSL's places, and its two variables lead elsewhere")
  func system() async throws {
    let made = try await TestCertificates.made.value
    let folder = try TemporaryFolder()
    let bundle = TrustBundle.system(
      environment: ["SSL_CERT_FILE": made.path("root.pem"), "SSL_CERT_DIR": folder.path])
    #expect(bundle.certificates.map(\.commonName) == ["Test Root"])
    #expect(bundle.origin == .system(file: made.path("root.pem"), folder: folder.path))

    let other = try String(contentsOfFile: made.path("other.pem"), encoding: .utf8)
    try folder.write(other, to: "0a1b2c3d.0")
    try folder.write(other, to: "other.pem")
    let hashed = TrustBundle.system(
      environment: ["SSL_CERT_FILE": "\(folder.path)/none", "SSL_CERT_DIR": folder.path])
    #expect(hashed.certificates.map(\.commonName) == ["Another Root"])
  }
}
