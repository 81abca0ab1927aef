internal import AccessModel
internal import CLibPQ
internal import Glibc
internal import Sockets

extension Session {
  /// Connects as libpq would, without blocking after the name lookup.
  ///
  /// - Throws: `PostgresError` in phase `.connecting` or `.deadline`; `needsPassword` is set when a password
  ///   would have been the answer.
  public static func connect(_ parameters: ConnectionParameters) async throws -> Session {
    var timeline = ConnectionTimeline(at: .now)
    return try await connect(parameters, &timeline)
  }

  /// Connects, and tells in `timeline` how long each phase took; also how far it came when it fails.
  public static func connect(
    _ parameters: ConnectionParameters, _ timeline: inout ConnectionTimeline
  ) async throws -> Session {
    timeline = ConnectionTimeline(at: .now)
    let deadline = ContinuousClock.now + parameters.connectTimeout
    if let malformation = parameters.malformation { throw malformation }
    try LibPQFiles.checkServiceFiles()
    let given = parameters.settings == nil ? "" : parameters.given("options")
    let options = parameters.settings?.options(after: given)
    guard
      let started = await UnboundedCall.run(
        until: deadline, { parameters.start(options).map { ConnectionHandle($0) } })
    else { throw unanswered("the host's name was not looked up", parameters.connectTimeout) }
    guard let handle = started else {
      throw PostgresError(phase: .connecting, message: "libpq could not allocate a connection")
    }
    let connection = handle.pointer
    PQsetErrorVerbosity(connection, PQERRORS_VERBOSE)
    dbauth_silence_notices(connection)
    var redactor = parameters.redactor
    redactor.hideSecrets(of: connection)
    do {
      try LibPQFiles.check(connection)
      try await poll(handle, deadline, parameters.connectTimeout, &timeline)
    } catch {
      guard let error = error as? PostgresError else { throw error }
      // The words of a deadline are our own, and a call that was left alone may have the connection still.
      guard error.phase != .deadline else { throw error }
      // The password file is read for the host that was dialled.
      redactor.hideSecrets(of: connection)
      let shown = error.redacted(by: redactor)
      if let settings = parameters.settings, shown.refusesOptions { throw settings.refusal(shown.message) }
      throw shown
    }
    redactor.hideSecrets(of: connection)
    if let name = parameters.overrides.last(where: { $0.keyword == "dbname" })?.value,
      PQdb(connection).map({ String(cString: $0) }) != name
    {
      throw PostgresError(phase: .connecting, message: "connected to another database than \"\(name)\"")
    }
    PQsetErrorVerbosity(connection, PQERRORS_DEFAULT)
    // Sending must not block either: flush() waits for the socket itself.
    PQsetnonblocking(connection, 1)
    let session = Session(established: handle, redactor, parameters.settings)
    if let settings = parameters.settings {
      let left = max(deadline - .now, .milliseconds(1))
      try settings.check(
        try await session.query(settings.question, deadline: deadline - left / 20, patience: left / 20),
        options: given)
    }
    return session
  }

  private static func poll(
    _ handle: ConnectionHandle, _ deadline: ContinuousClock.Instant, _ allowed: Duration,
    _ timeline: inout ConnectionTimeline
  ) async throws {
    let connection = handle.pointer
    func failed() -> PostgresError {
      let message = VerboseMessage(handle.message)
      var error = PostgresError(phase: .connecting, sqlstate: message.sqlstate, message: message.text)
      // Before there is a socket the words are libpq's own, about what a URI was taken apart into: with an unencoded
      // slash or @ in the password, a piece of that is the port or host.
      if PQsocket(connection) < 0, message.text.hasPrefix("invalid ") || message.text.contains("@") {
        error.message = ConninfoWords.withoutQuotations(message.text)
      }
      error.needsPassword = PQconnectionNeedsPassword(connection) != 0
      return error
    }
    guard PQstatus(connection) != CONNECTION_BAD else { throw failed() }
    var direction = SocketReadiness.Direction.write
    while true {
      guard await handle.ready(direction, until: deadline) else {
        let host = PQhost(connection).map { String(cString: $0) } ?? ""
        let port = PQport(connection).map { String(cString: $0) } ?? ""
        throw unanswered("no answer from \(host) port \(port)", allowed)
      }
      guard handle.received <= AnswerLimits.beforeSession else {
        throw PostgresError(
          phase: .connecting,
          message:
            "the server has sent more than \(AnswerLimits.beforeSession >> 20) MB before it let the login in")
      }
      let woken = ContinuousClock.now
      let before = PQstatus(connection)
      let step = await UnboundedCall.run(until: deadline) { PQconnectPoll(handle.pointer) }
      // The call that was left alone still has the connection: nothing may be asked of it.
      guard let outcome = step else {
        throw unanswered(
          before == CONNECTION_AWAITING_RESPONSE
            ? "the server asks for so many rounds of SCRAM that its answer was not worked out"
            : "libpq did not finish a step of the login", allowed)
      }
      timeline.note(connection, before: before, woken: woken)
      guard handle.followSocket() else {
        throw PostgresError(phase: .connecting, message: "too many files are open in this process")
      }
      switch outcome {
      case PGRES_POLLING_OK: return
      case PGRES_POLLING_READING: direction = .read
      case PGRES_POLLING_WRITING: direction = .write
      default: throw failed()
      }
    }
  }

  private static func unanswered(_ what: String, _ allowed: Duration) -> PostgresError {
    let seconds = (allowed / .milliseconds(100)).rounded() / 10
    return PostgresError(phase: .deadline, message: "\(what) within \(seconds) s")
  }
}

extension ConnectionTimeline {
  /// Ends the phases that a step of libpq's has ended.
  fileprivate mutating func note(
    _ connection: OpaquePointer, before: ConnStatusType, woken: ContinuousClock.Instant
  ) {
    if before == CONNECTION_STARTED { end(.tcp, at: woken) }
    // The first time that there is something to read is the answer to the SSLRequest; what follows is the handshake.
    if before == CONNECTION_SSL_STARTUP { end(.tlsRequest, at: woken) }
    let status = PQstatus(connection)
    guard status != CONNECTION_BAD else { return }
    if before == CONNECTION_SSL_STARTUP, status != CONNECTION_SSL_STARTUP { end(.tls, at: .now) }
    if PQconnectionUsedPassword(connection) != 0 { end(.startup, at: woken) }
    if status == CONNECTION_AUTH_OK || status == CONNECTION_OK {
      end(.startup, at: woken)
      end(.authentication, at: woken)
    }
    if status == CONNECTION_OK { end(.ready, at: .now) }
  }
}
