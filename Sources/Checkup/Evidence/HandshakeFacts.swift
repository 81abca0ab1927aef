public import Postgres
public import Sockets
public import TLS

/// What one address says to an SSLRequest and in the handshake after it.
public struct HandshakeFacts: Sendable, Hashable {
  public var address: SocketAddress
  public var answer: TLSRequestAnswer
  /// From the SSLRequest to its answer.
  public var requestDuration: Duration = .zero
  /// Nil when there was no handshake, or it failed.
  public var observation: TLSObservation?
  public var failure: TLSFailure?
  /// Whether this handshake began without an SSLRequest (`sslnegotiation=direct`).
  public var isDirect: Bool

  public init(
    address: SocketAddress, answer: TLSRequestAnswer, observation: TLSObservation? = nil,
    failure: TLSFailure? = nil,
    isDirect: Bool = false
  ) {
    self.address = address
    self.answer = answer
    self.observation = observation
    self.failure = failure
    self.isDirect = isDirect
  }

  /// The server's own certificate.
  public var leaf: Certificate? { observation?.peerChain.first }
}

/// Whether the server's certificate is trusted, with the reason.
public struct TrustFacts: Sendable, Hashable {
  /// How the root file turned out.
  public enum Roots: Sendable, Hashable {
    /// Nothing is verified, so none are needed.
    case none
    case failed(TrustBundleFailure)
    case loaded(TrustBundle)
  }

  public var roots: Roots
  /// What is wrong with the chain; empty when it is good, nil when it was not verified.
  public var issues: [ChainVerification.Issue]?
  /// The root at the end of the verified chain.
  public var root: Certificate?
  /// Whether the operating system's roots would verify it; nil when it was not tried.
  public var systemTrusts: Bool?
  /// Whether the certificate is for the name that is dialled; nil when there was none to compare.
  public var nameMatches: Bool?
  /// The name that was compared.
  public var name: String

  public init(
    roots: Roots = .none, issues: [ChainVerification.Issue]? = nil, root: Certificate? = nil,
    systemTrusts: Bool? = nil,
    nameMatches: Bool? = nil, name: String = ""
  ) {
    self.roots = roots
    self.issues = issues
    self.root = root
    self.systemTrusts = systemTrusts
    self.nameMatches = nameMatches
    self.name = name
  }

  /// The certificates of the root file, or of the system.
  public var rootCertificates: [Certificate] {
    if case .loaded(let bundle) = roots { bundle.certificates } else { [] }
  }
}
