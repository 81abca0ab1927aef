internal import AccessModel
internal import ArgumentParser
internal import FoundationEssentials
internal import Identity
internal import Signing

/// How a token is printed.
enum TokenFormat: String, CaseIterable, ExpressibleByArgument {
  case text
  case json
}

/// A token with what is known about it. The AWS keys that signed it are not part of it.
struct TokenReport {
  let host: String
  var port: Int?
  var user: String?
  var action: String?
  let region: RegionChoice
  let credentials: AWSCredentials
  let token: SignedToken

  /// Writes the report to stdout.
  func print(as format: TokenFormat) throws {
    switch format {
    case .text:
      // Command substitution drops a line break, but files, pipes and environment variables keep it, and a password
      // with a line break is a wrong one.
      try Terminal.write(data: token.token.exposed + (Terminal.outputIsTerminal ? "\n" : ""))
    case .json:
      try Terminal.write(json() + "\n")
    }
  }

  /// The report as an object whose members are sorted, so that two of them can be compared.
  func json() throws -> String {
    let document = Document(
      host: host, port: port, user: user, action: action, region: region.region.name,
      regionSource: region.source,
      accessKeyIdSuffix: credentials.accessKeyIDSuffix, issuedAt: UTCTime(token.issuedAt).iso8601,
      expiresAt: UTCTime(token.expiresAt).iso8601, token: token.token.exposed)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(document), as: UTF8.self)
  }

  private struct Document: Encodable {
    var schemaVersion = 1
    let host: String
    let port: Int?
    let user: String?
    let action: String?
    let region, regionSource: String
    let accessKeyIdSuffix: String
    let issuedAt, expiresAt: String
    let token: String
  }
}
