public import AccessModel
internal import TLS

/// What a SigV4 signature is good for: a day, a region and a service.
public struct CredentialScope: Hashable, Sendable, CustomStringConvertible {
  public let time: UTCTime
  public let region: Region
  public let service: String

  public init(time: UTCTime, region: Region, service: String) {
    self.time = time
    self.region = region
    self.service = service
  }

  /// `20240102/us-east-1/rds-db/aws4_request`
  public var description: String { "\(time.basicDate)/\(region)/\(service)/aws4_request" }

  /// The key that signs in this scope: each part of the scope is authenticated with the code of the one before.
  package func signingKey(_ secretAccessKey: Secret) -> [UInt8] {
    var key = Array("AWS4".utf8) + secretAccessKey.withExposed { Array($0.utf8) }
    for part in [time.basicDate, region.name, service, "aws4_request"] {
      key = HMACSHA256.code(of: Array(part.utf8), key: key)
    }
    return key
  }
}
