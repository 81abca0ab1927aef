public import AccessModel
public import DNS
public import FoundationEssentials
public import Postgres
public import Signing
public import Sockets
public import Targets

/// Everything that a run has seen so far: what the classifier is given, and all that it is given.
///
/// A plain value. What has not been looked at is nil or empty.
public struct Evidence: Sendable {
  public var target: TargetFacts
  /// When the run began, by this machine's clock.
  public var date: Date
  public var tls: EffectiveTLS?
  /// `PQlibVersion()`, for example 150018.
  public var libpqVersion = 0
  /// Whether tokens are made here; false with `--password-from-env`.
  public var makesToken = true
  public var password: PasswordFacts?
  public var names: Resolution?
  public var endpoint: EndpointFacts?
  public var reach: [AddressReach] = []
  public var handshakes: [HandshakeFacts] = []
  /// The TLS version that the server would choose if all were offered; looked for when there was none in common.
  public var spokenVersion: String?
  public var trust: TrustFacts?
  /// The first answer over TLS; over an unencrypted connection when the target uses none.
  public var encryptedAnswer: FirstAnswer?
  /// The first answer without TLS.
  public var plaintextAnswer: FirstAnswer?
  public var administration: AdministrationFacts?
  public var credentials: CredentialFacts?
  public var token: TokenFacts?
  public var login: LoginFacts?
  public var role: RoleFacts?
  /// Why the first statement failed after a login that worked; a pooler logs in before it has a server.
  public var firstStatementFailure: String?
  public var timing: TimingFacts?

  public init(target: TargetFacts, date: Date) {
    self.target = target
    self.date = date
  }
}

/// What was asked for.
public struct TargetFacts: Sendable {
  public var settings: ConnectionSettings
  /// The host as given, nil when there is none or it cannot be one.
  public var host: HostName?
  public var port: Int
  public var user: String
  public var database: String
  /// `--token-host`: signed for instead of the host.
  public var tokenHost: HostName?
  public var tokenPort: Int?
  /// The region that was chosen, nil when nothing tells it.
  public var region: String?
  /// Who chose it: `--region`, `AWS_REGION`, a target's file.
  public var regionSource: String?

  public init(
    settings: ConnectionSettings = ConnectionSettings(), host: HostName? = nil, port: Int = 5432,
    user: String = "",
    database: String = ""
  ) {
    self.settings = settings
    self.host = host
    self.port = port
    self.user = user
    self.database = database
  }
}

/// What can be said of a password without showing it.
public struct PasswordFacts: Sendable, Hashable {
  public var source: SettingSource
  public var length: Int
  /// Whether a token can be recognised in it, whole or damaged.
  public var looksLikeToken: Bool
  /// The faults of its form, for example a trailing newline.
  public var faults: [TokenFault]
  /// The password file's line has an unprotected colon in it.
  public var isCutAtColon: Bool
  /// How a token's percent-encoding is not the signer's; nil when it is, or when there is no token.
  public var encoding: TokenEncodingFault?

  public init(
    source: SettingSource, length: Int, looksLikeToken: Bool, faults: [TokenFault] = [],
    isCutAtColon: Bool = false,
    encoding: TokenEncodingFault? = nil
  ) {
    self.encoding = encoding
    self.source = source
    self.length = length
    self.looksLikeToken = looksLikeToken
    self.faults = faults
    self.isCutAtColon = isCutAtColon
  }
}

/// What the names on the way to the server are.
public struct EndpointFacts: Sendable, Hashable {
  /// The first AWS endpoint on the way: the host itself or what its aliases lead to; nil when there is none.
  public var endpoint: DatabaseEndpoint?
  /// Whether the host is an alias of the endpoint.
  public var isAlias: Bool
  /// Whether an alias's endpoint is dialled in its place: for a token that is for just this endpoint.
  public var isDialled = true
  /// The name that the token is for which is sent; nil when a password is.
  public var tokenName: String?
  /// The name that tokens are signed for.
  public var signed: String
  /// The port that tokens are signed for.
  public var signedPort: Int
  /// Names further along the chain than the endpoint, which must not be signed for.
  public var beyond: [String]

  public init(
    endpoint: DatabaseEndpoint?, isAlias: Bool = false, signed: String, signedPort: Int = 5432,
    beyond: [String] = []
  ) {
    self.endpoint = endpoint
    self.isAlias = isAlias
    self.signed = signed
    self.signedPort = signedPort
    self.beyond = beyond
  }
}

/// Whether one address could be reached.
public struct AddressReach: Sendable, Hashable {
  public var address: SocketAddress
  /// Nil when a connection came about.
  public var failure: TCPFailure?
  public var duration: Duration
  /// From which address this machine dials it; nil without a route.
  public var source: SocketAddress?
  /// One round trip, as the kernel measured it while connecting; nil when there was no connection.
  public var roundTrip: Duration?

  public init(
    address: SocketAddress, failure: TCPFailure? = nil, duration: Duration = .zero,
    source: SocketAddress? = nil,
    roundTrip: Duration? = nil
  ) {
    self.roundTrip = roundTrip
    self.address = address
    self.failure = failure
    self.duration = duration
    self.source = source
  }
}
