public import AccessModel
internal import CLibPQ
internal import Sockets

/// One connection to a server, used by one task at a time.
///
/// Every wait is on the socket with a deadline; nothing blocks a thread. The connection closes with the value.
public actor Session {
  let handle: ConnectionHandle
  var connection: OpaquePointer { handle.pointer }
  /// `server_version_num`, for example 150018.
  public nonisolated let serverVersion: Int
  /// The backend's process id, as `pg_stat_activity.pid`.
  public nonisolated let backendPID: Int32
  public nonisolated let database: String
  public nonisolated let user: String
  public nonisolated let host: String
  public nonisolated let port: Int
  /// Takes out of the server's messages what it was told in confidence.
  public nonisolated let redactor: Redactor

  /// How long the server may take over a statement, as it has been told; nil where it is the user's own setting.
  public nonisolated let statementTimeout: Duration?
  private var limits: AnswerLimits
  private var readingTime: ReadingTime?
  /// Why nothing more can be asked, once the server has not kept to the protocol or to its limits.
  private var ended: PostgresError?

  /// Takes over an established connection.
  init(established handle: ConnectionHandle, _ redactor: Redactor, _ settings: SessionSettings?) {
    self.redactor = redactor
    statementTimeout = settings?.statementTimeout
    self.handle = handle
    let connection = handle.pointer
    limits = AnswerLimits(received: handle.received)
    serverVersion = Int(PQserverVersion(connection))
    backendPID = PQbackendPID(connection)
    database = String(cString: PQdb(connection))
    user = String(cString: PQuser(connection))
    host = PQhost(connection).map { String(cString: $0) } ?? ""
    port = PQport(connection).flatMap { Int(String(cString: $0)) } ?? 5432
  }

  /// Bounds all answers from here on, but for those that have a deadline of their own; nil when changes begin, which may
  /// wait for others.
  public func allow(_ time: ReadingTime?) { readingTime = time }

  /// True when this connection is encrypted.
  public var usesTLS: Bool { PQsslInUse(connection) != 0 }

  /// Runs one statement with bound values; nil binds NULL.
  ///
  /// - Throws: `PostgresError`; when the deadline passes, the statement is cancelled first.
  public func query(
    _ sql: String, _ values: [String?] = [], deadline: ContinuousClock.Instant? = nil,
    patience: Duration? = nil
  ) async throws -> ResultSet {
    try begin()
    let sent = withCStrings(values) { pointers in
      PQsendQueryParams(connection, sql, Int32(values.count), nil, pointers, nil, nil, 0)
    }
    guard sent == 1 else { throw failure(.lost) }
    // One statement: the server itself ends it when its time is over.
    let time = readingTime ?? statementTimeout.map { ReadingTime(each: $0) }
    guard let last = try await collect(deadline: deadline, patience, within: time).last else {
      throw PostgresError(phase: .query, message: "the server answered without a result")
    }
    return last
  }

  /// Runs a message of several statements, in one round trip, and returns one result per statement.
  ///
  /// - Throws: `PostgresError` whose `completedStatements` tells which statement failed.
  @discardableResult
  public func execute(
    _ sql: String, deadline: ContinuousClock.Instant? = nil, patience: Duration? = nil
  ) async throws -> [ResultSet] {
    try begin()
    guard PQsendQuery(connection, sql) == 1 else { throw failure(.lost) }
    return try await collect(
      deadline: deadline ?? (readingTime == nil ? .now + time(for: sql) : nil), patience, within: readingTime)
  }

  /// Quotes a name for SQL.
  ///
  /// libpq would ask the server for the connection's encoding, and a server that names one in which a quotation mark can
  /// be half of a character gets names out of their quotation marks. Here all is UTF-8, which is what was asked for.
  public func identifier(_ name: String) throws -> Identifier {
    try Self.refuseZero(in: name)
    return Identifier(name: name, quoted: SQLText.identifier(name))
  }

  /// Quotes many names at once.
  public func identifiers(_ names: [String]) throws -> [Identifier] {
    try names.map(identifier)
  }

  /// Quotes a value as an SQL literal, for utility statements that take no parameters.
  public func literal(_ value: String) throws -> String {
    try Self.refuseZero(in: value)
    return SQLText.literal(value)
  }

  /// SQL is sent as text that ends at the first zero.
  private static func refuseZero(in text: String) throws {
    if text.utf8.contains(0) {
      throw PostgresError(phase: .query, message: "a name or value has a zero byte")
    }
  }

  /// How long a message and its answer take when the server has nothing to do.
  public func roundTrip() async throws -> Duration {
    let started = ContinuousClock.now
    try await execute(";")
    return ContinuousClock.now - started
  }

  /// True inside a transaction block, failed or not.
  public var inTransaction: Bool {
    switch PQtransactionStatus(connection) {
    case PQTRANS_INTRANS, PQTRANS_INERROR: true
    default: false
    }
  }

  private func withCStrings<R>(
    _ values: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> R
  ) -> R {
    let copies: [UnsafeMutablePointer<CChar>?] = values.map { value in
      value.map { value in
        let bytes = value.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        bytes.withUnsafeBufferPointer { copy.initialize(from: $0.baseAddress!, count: $0.count) }
        return copy
      }
    }
    defer { for copy in copies { copy?.deallocate() } }
    let pointers: [UnsafePointer<CChar>?] = copies.map { $0.map { UnsafePointer($0) } }
    return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
  }

  private func begin() throws {
    if let ended { throw ended }
    try readingTime?.check()
    limits.begin()
  }

  private func collect(
    deadline: ContinuousClock.Instant?, _ patience: Duration?, within time: ReadingTime?
  ) async throws -> [ResultSet] {
    let patience = patience ?? time?.margin ?? Self.patienceAfterCancel
    // Rows come one by one, so that they are in memory once, and counted.
    PQsetSingleRowMode(connection)
    var results: [ResultSet] = []
    var rows = ResultSet()
    var failed: PostgresError?
    var limit = deadline ?? time?.limit ?? ContinuousClock.now + Self.patience
    try await flush(until: limit + patience)
    var cancellation: Task<Bool, Never>?
    var began = AnswerLimits.processorTime
    while true {
      while PQisBusy(connection) != 0 {
        limits.note(work: AnswerLimits.processorTime - began)
        guard await handle.ready(.read, until: limit) else {
          if cancellation != nil { throw end("the server no longer answers") }
          limit = ContinuousClock.now + patience
          cancellation = cancel(until: limit)  // it is answered with query_canceled
          began = AnswerLimits.processorTime
          continue
        }
        guard PQconsumeInput(connection) == 1 else { throw failure(.lost) }
        began = AnswerLimits.processorTime
        if let violation = limits.violation(received: handle.received) { throw end(violation) }
      }
      guard let result = PQgetResult(connection) else { break }
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_SINGLE_TUPLE: limits.note(rows.append(result))
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
        limits.note(rows.append(result))
        limits.note(result)
        results.append(rows)
        rows = ResultSet()
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
        throw end("the server began to copy data instead of answering")
      default:
        limits.note(result)
        rows = ResultSet()
        if failed == nil {
          failed = failure(of: result)
          failed?.completedStatements = results.count
        }
        if PQstatus(connection) == CONNECTION_BAD { throw failed ?? failure(.lost) }
      }
      if let violation = limits.violation(received: handle.received) { throw end(violation) }
    }
    // A cancellation that is still on its way would hit the next statement.
    if await cancellation?.value == false { throw end("the server did not end a cancellation") }
    if let failed { throw failed }
    return results
  }

  private func flush(until limit: ContinuousClock.Instant) async throws {
    while true {
      let left = PQflush(connection)
      guard left >= 0 else { throw failure(.lost) }
      guard await handle.ready(.write, until: limit) else { throw end("the server no longer reads") }
      if left == 0 { return }
      guard PQconsumeInput(connection) == 1 else { throw failure(.lost) }
    }
  }

  /// Ends the connection with a server that does not keep to what was asked.
  private func end(_ words: String) -> PostgresError {
    handle.meter?.end()
    let error = PostgresError(phase: .lost, message: words)
    ended = error
    return error
  }

  /// How long a message may take where nothing else is said.
  private static let patience: Duration = .seconds(90)
  /// A COMMIT is not bounded by the statement's time.
  private static let patienceForCommit: Duration = .seconds(2)

  /// How long the answer to a message may take: as long as its statements, each of which may take its time. A semicolon
  /// within one makes it a little longer.
  private func time(for message: String) -> Duration {
    guard let statementTimeout else { return Self.patience }
    let statements = message.utf8.count { $0 == UInt8(ascii: ";") } + 1
    let each = statementTimeout + ReadingTime(each: statementTimeout).margin
    return min(max(Self.patience, statementTimeout * 1.5), each * statements + Self.patienceForCommit)
  }

  /// How long the answer to a cancelled statement may take.
  public static let patienceAfterCancel: Duration = .seconds(10)

  /// Asks the server to stop whatever it is doing for this session, for a process that ends at once.
  public func stop() async { _ = await cancel(until: .now + Self.patienceAfterCancel)?.value }

  /// Asks the server to stop the running statement, on a connection of its own.
  ///
  /// `PQcancel` blocks until the server has passed it on and closed that connection.
  ///
  /// - Returns: a task that ends with it, or with false when that takes too long.
  private func cancel(until limit: ContinuousClock.Instant) -> Task<Bool, Never>? {
    guard let request = PQgetCancel(connection) else { return nil }
    nonisolated(unsafe) let handle = request
    return Task {
      await UnboundedCall.run(until: limit) {
        var message = [CChar](repeating: 0, count: 256)
        PQcancel(handle, &message, Int32(message.count))
        PQfreeCancel(handle)
        return true
      } ?? false
    }
  }
}

extension Session {
  func failure(_ phase: PostgresError.Phase) -> PostgresError {
    PostgresError(
      phase: PQstatus(connection) == CONNECTION_BAD ? .lost : phase, message: handle.message
    ).redacted(by: redactor)
  }

  private func failure(of result: OpaquePointer) -> PostgresError {
    func field(_ code: UnicodeScalar) -> String? {
      PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
    }
    let state = field("C")
    return PostgresError(
      phase: PQstatus(connection) == CONNECTION_BAD ? .lost : state == "57014" ? .cancelled : .query,
      sqlstate: state, message: field("M") ?? handle.message, detail: field("D"), hint: field("H")
    ).redacted(by: redactor)
  }
}
