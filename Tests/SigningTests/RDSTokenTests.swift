import AccessModel
import FoundationEssentials
import TLS
import Testing

@testable import Signing

@Suite("RDS tokens")
struct RDSTokenTests {
  /// One whole token, worked out by botocore or by AWS's own test.
  struct Vector: CustomTestStringConvertible, Sendable {
    let name, host: String
    let port: Int
    let user: String
    let keyID, secret: String
    let sessionToken: String?
    let date: String
    let signature: String

    var testDescription: String { name }
    var credentials: AWSCredentials {
      AWSCredentials(
        accessKeyID: keyID, secretAccessKey: Secret(secret), sessionToken: sessionToken.map { Secret($0) })
    }

    static func example(
      _ name: String, host: String, user: String, sessionToken: String? = nil, signature: String
    ) -> Vector {
      Vector(
        name: name, host: host, port: 5432, user: user, keyID: "AKIDEXAMPLE",
        secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", sessionToken: sessionToken,
        date: "2024-01-02T03:04:05Z", signature: signature)
    }
  }

  static let a = Vector(
    name: "A: the SDK's own test", host: "prod-instance.us-east-1.rds.amazonaws.com", port: 3306,
    user: "someusername", keyID: "akid", secret: "skid", sessionToken: nil, date: "2016-11-07T17:39:33Z",
    signature: "d1138cdbc0ca63eec012ec0fc6c2267e03642168f5884a7795320d4c18374c61")
  static let b = Vector.example(
    "B: a session token with + and /", host: "mydb.123456789012.us-east-1.rds.amazonaws.com",
    user: "jane.doe+ops@example.com", sessionToken: "FwoGZXIvYXdzE+/==",
    signature: "972aba10a88297053ab4a441e5e93182a0a2dd76e8a87e67cc1334743534342a")
  static let c = Vector.example(
    "C: a user of unusual characters", host: "mydb.123456789012.us-east-1.rds.amazonaws.com",
    user: "user name/é*~'()",
    signature: "6adfd5093aaf376302699b89f827702084412577db5aeed28dbafd5911f8d0c5")
  static let d = Vector.example(
    "D: a host with capitals", host: "MyDB.ABC.us-east-1.rds.amazonaws.com", user: "u",
    signature: "6f208387137f08e23a61fd7164a6bb36c346c7726515462a28cb1fd5357e2bfc")

  private func sign(_ vector: Vector, port: Int? = nil) throws -> SignedToken {
    try RDSToken.sign(
      host: vector.host, port: port ?? vector.port, user: vector.user, region: Region("us-east-1"),
      credentials: vector.credentials, date: Date(vector.date, strategy: .iso8601))
  }

  @Test("a token is the reference token", arguments: [a, b, c, d])
  func signature(of vector: Vector) throws {
    #expect(try sign(vector).token.exposed.hasSuffix("&X-Amz-Signature=\(vector.signature)"))
  }

  @Test("the whole text of vector A is botocore's")
  func wholeText() throws {
    #expect(
      try sign(Self.a).token.exposed == """
        prod-instance.us-east-1.rds.amazonaws.com:3306/?Action=connect&DBUser=someusername\
        &X-Amz-Algorithm=AWS4-HMAC-SHA256\
        &X-Amz-Credential=akid%2F20161107%2Fus-east-1%2Frds-db%2Faws4_request\
        &X-Amz-Date=20161107T173933Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host\
        &X-Amz-Signature=\(Self.a.signature)
        """)
  }

  @Test("the canonical request and the signing key of vector A have the reference digests")
  func intermediateValues() throws {
    let request = RDSToken.request(
      host: Self.a.host, port: Self.a.port, user: Self.a.user, region: try Region("us-east-1"),
      credentials: Self.a.credentials, date: try Date(Self.a.date, strategy: .iso8601))
    #expect(
      request.canonicalRequestDigest
        == "2a1bc1708a8576e7f45e14e3feae628810d184bf3acc5328588de0175e64a2e6")
    #expect(
      request.scope.signingKey(Self.a.credentials.secretAccessKey).hexadecimal
        == "e7e8619b55e7c700b460575c5257e6a80f305df9d7874136fe0170c7e16bc987")
  }

  @Test("the session token is emitted after the signed headers, and signed before them")
  func sessionTokenOrder() throws {
    let names = try sign(Self.b).token.exposed.split(separator: "?")[1].split(separator: "&").map {
      $0.prefix { $0 != "=" }
    }
    #expect(
      names == [
        "Action", "DBUser", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
        "X-Amz-SignedHeaders", "X-Amz-Security-Token", "X-Amz-Signature",
      ])
    let request = RDSToken.request(
      host: Self.b.host, port: 5432, user: "u", region: try Region("us-east-1"),
      credentials: Self.b.credentials, date: Date(timeIntervalSince1970: 0))
    let query = try #require(request.canonicalRequest.split(separator: "\n").first { $0.contains("Action=") })
    #expect(query.hasSuffix("&X-Amz-Security-Token=FwoGZXIvYXdzE%2B%2F%3D%3D&X-Amz-SignedHeaders=host"))
  }

  @Test("the user is data: each of its bytes is encoded")
  func userEncoding() throws {
    #expect(try sign(Self.c).token.exposed.contains("&DBUser=user%20name%2F%C3%A9%2A~%27%28%29&"))
  }

  @Test("the token keeps the host's case, the signature does not depend on it")
  func hostCase() throws {
    let token = try sign(Self.d).token.exposed
    #expect(token.hasPrefix("MyDB.ABC.us-east-1.rds.amazonaws.com:5432/?"))
    let lower = try RDSToken.sign(
      host: Self.d.host.lowercased(), port: 5432, user: "u", region: Region("us-east-1"),
      credentials: Self.d.credentials, date: Date(Self.d.date, strategy: .iso8601))
    #expect(lower.token.exposed.hasSuffix(Self.d.signature))
  }

  @Test("a token for port 443 signs the host without the port, and still names it")
  func port443() throws {
    let token = try sign(Self.d, port: 443).token.exposed
    #expect(token.hasPrefix("MyDB.ABC.us-east-1.rds.amazonaws.com:443/?"))
    #expect(token.hasSuffix("a758b0c401075adcb03664aebe1c7a7e8cd4a38c127d5bcfce807599d3af92e8"))
  }

  @Test("a token lives fifteen minutes, or as long as the credentials that signed it")
  func expiry() throws {
    let date = Date(timeIntervalSince1970: 1_700_000_000.75)
    func sign(expiration: Date?) throws -> SignedToken {
      try RDSToken.sign(
        host: "h", port: 5432, user: "u", region: Region("us-east-1"),
        credentials: AWSCredentials(accessKeyID: "k", secretAccessKey: Secret("s"), expiration: expiration),
        date: date)
    }
    #expect(try sign(expiration: nil).issuedAt == Date(timeIntervalSince1970: 1_700_000_000))
    #expect(try sign(expiration: nil).expiresAt == Date(timeIntervalSince1970: 1_700_000_900))
    #expect(try sign(expiration: date + 60).expiresAt == date + 60)
    #expect(try sign(expiration: date + 3_600).expiresAt == Date(timeIntervalSince1970: 1_700_000_900))
  }
}
