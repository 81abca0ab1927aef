internal import AccessModel
internal import Postgres
internal import Signing
internal import Sockets
internal import TLS
internal import Targets

/// A run in progress: the evidence so far, and the connections that one check leaves to the next.
actor CheckupRun {
  nonisolated let request: CheckupRequest
  /// When everything has to be over.
  nonisolated let end: ContinuousClock.Instant
  private(set) var evidence: Evidence
  /// Connections by address, opened by `tcp-connect` and handed on.
  private var connections: [SocketAddress: TCPConnection] = [:]
  private var encrypted: [SocketAddress: TLSConnection] = [:]
  /// The login's own session, for the checks that ask the database.
  var session: Session?
  var timeline: ConnectionTimeline?
  private(set) var token: Secret?
  private(set) var credentials: AWSCredentials?
  var sslModes: [SSLModeOutcome] = []
  private var announced: Set<String> = []
  /// Takes the run's secrets out of a text, those that it makes itself included.
  private(set) var redactor: Redactor

  init(_ request: CheckupRequest, end: ContinuousClock.Instant) {
    self.request = request
    self.end = end
    evidence = Evidence(target: TargetFacts(request), date: request.date)
    evidence.libpqVersion = LibPQ.versionNumber
    evidence.makesToken = request.givenPassword == nil
    redactor = request.redactor
  }

  /// The moment by which a step that may take `allowed` has to be over.
  nonisolated func deadline(_ allowed: Duration) -> ContinuousClock.Instant { min(.now + allowed, end) }

  func record(_ change: @Sendable (inout Evidence) -> Void) { change(&evidence) }

  func keep(_ connection: TCPConnection, for address: SocketAddress) { connections[address] = connection }
  func takeConnection(to address: SocketAddress) -> TCPConnection? {
    connections.removeValue(forKey: address)
  }
  func keep(_ connection: TLSConnection, for address: SocketAddress) { encrypted[address] = connection }
  func takeEncrypted(to address: SocketAddress) -> TLSConnection? { encrypted.removeValue(forKey: address) }
  func keep(_ session: Session) { self.session = session }
  func keep(_ timeline: ConnectionTimeline) { self.timeline = timeline }
  func keep(token: Secret) {
    self.token = token
    redactor.hide(token)
  }
  func keep(_ credentials: AWSCredentials) {
    self.credentials = credentials
    redactor.hide(credentials.redactor)
  }
  func keep(_ modes: [SSLModeOutcome]) { sslModes = modes }

  /// Tells the user something, once, before a secret leaves.
  func announce(_ notes: [String]) {
    for note in notes where announced.insert(note).inserted { request.announce(note) }
  }

  /// Lets go of every connection, so that the server sees them end.
  func close() {
    connections = [:]
    encrypted = [:]
    session = nil
  }

  /// The first address that answered, in the order in which libpq would try them.
  var reachable: SocketAddress? { evidence.reach.first { $0.failure == nil }?.address }
}

extension TargetFacts {
  init(_ request: CheckupRequest) {
    let settings = request.settings
    self.init(
      settings: settings, host: settings["host"].flatMap { try? HostName($0) },
      port: settings["port"].flatMap(Int.init) ?? 5432, user: settings["user"] ?? "",
      database: settings["dbname"] ?? "")
    tokenHost = request.tokenHost
    tokenPort = request.tokenPort
  }
}
