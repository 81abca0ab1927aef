public import AccessModel

/// What a login is about to do, as far as it is known: a token has to be for just that.
public struct TokenExpectation: Sendable, Hashable {
  /// The endpoint that the server knows itself by, not an alias of it or a tunnel to it.
  public var host: String?
  /// The endpoint's own port, not a tunnel's.
  public var port: Int?
  public var user: String?
  public var region: Region?
  /// Nil leaves it to the host's name.
  public var service: TokenReading.Service?

  public init(
    host: String? = nil, port: Int? = nil, user: String? = nil, region: Region? = nil,
    service: TokenReading.Service? = nil
  ) {
    self.host = host
    self.port = port
    self.user = user
    self.region = region
    self.service = service
  }

  var endpoint: DatabaseEndpoint? { host.flatMap { DatabaseEndpoint($0) } }
}
