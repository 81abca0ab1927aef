public import AccessModel
internal import CLibPQ
internal import Dispatch
internal import Sockets

/// Owns libpq's connection and closes it with itself.
private final class ConnectionHandle: @unchecked Sendable {
  // Unchecked: only the session that owns it uses it.
  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { self.pointer = pointer }

  deinit { PQfinish(pointer) }
}

/// One connection to a server, used by one task at a time.
///
/// Every wait is on the socket with a deadline; nothing blocks a thread. The connection closes with the value.
public actor Session {
  private let handle: ConnectionHandle
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

  /// Takes over an established connection.
  init(established connection: OpaquePointer, _ redactor: Redactor) {
    self.redactor = redactor
    handle = ConnectionHandle(connection)
    serverVersion = Int(PQserverVersion(connection))
    backendPID = PQbackendPID(connection)
    database = String(cString: PQdb(connection))
    user = String(cString: PQuser(connection))
    host = PQhost(connection).map { String(cString: $0) } ?? ""
    port = PQport(connection).flatMap { Int(String(cString: $0)) } ?? 5432
  }

  /// True when this connection is encrypted.
  public var usesTLS: Bool { PQsslInUse(connection) != 0 }

  /// Runs one statement with bound values; nil binds NULL.
  ///
  /// - Throws: `PostgresError`; when the deadline passes, the statement is cancelled first.
  public func query(
    _ sql: String, _ values: [String?] = [], deadline: ContinuousClock.Instant? = nil,
    patience: Duration = patienceAfterCancel
  ) async throws -> ResultSet {
    let sent = withCStrings(values) { pointers in
      PQsendQueryParams(connection, sql, Int32(values.count), nil, pointers, nil, nil, 0)
    }
    guard sent == 1 else { throw failure(.lost) }
    guard let last = try await collect(deadline: deadline, patience).last else {
      throw PostgresError(phase: .query, message: "the server answered without a result")
    }
    return last
  }

  /// Runs a message of several statements, in one round trip, and returns one result per statement.
  ///
  /// - Throws: `PostgresError` whose `completedStatements` tells which statement failed.
  @discardableResult
  public func execute(
    _ sql: String, deadline: ContinuousClock.Instant? = nil, patience: Duration = patienceAfterCancel
  ) async throws -> [ResultSet] {
    guard PQsendQuery(connection, sql) == 1 else { throw failure(.lost) }
    return try await collect(deadline: deadline, patience)
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

  private func collect(
    deadline: ContinuousClock.Instant?, _ patience: Duration
  ) async throws -> [ResultSet] {
    var results: [ResultSet] = []
    var failed: PostgresError?
    try await flush()
    var limit = deadline ?? ContinuousClock.now + Self.patience
    var cancellation: Task<Void, Never>?
    while true {
      while PQisBusy(connection) != 0 {
        guard await SocketReadiness.wait(PQsocket(connection), .read, until: limit) else {
          if cancellation != nil {
            throw PostgresError(phase: .lost, message: "the server no longer answers")
          }
          cancellation = cancel()  // it is answered with query_canceled
          limit = ContinuousClock.now + patience
          continue
        }
        guard PQconsumeInput(connection) == 1 else { throw failure(.lost) }
      }
      guard let result = PQgetResult(connection) else { break }
      switch PQresultStatus(result) {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
        results.append(ResultSet(result))
      default:
        if failed == nil {
          failed = failure(of: result)
          failed?.completedStatements = results.count
        }
        PQclear(result)
        if PQstatus(connection) == CONNECTION_BAD { throw failed ?? failure(.lost) }
      }
    }
    // A cancellation that is still on its way would hit the next statement.
    await cancellation?.value
    if let failed { throw failed }
    return results
  }

  private func flush() async throws {
    while true {
      switch PQflush(connection) {
      case 0: return
      case 1:
        guard await SocketReadiness.wait(PQsocket(connection), .write, until: .now + Self.patience) else {
          throw PostgresError(phase: .lost, message: "the server no longer reads")
        }
        guard PQconsumeInput(connection) == 1 else { throw failure(.lost) }
      default: throw failure(.lost)
      }
    }
  }

  /// How long any answer may take; longer than the longest `statement_timeout` that setup sets.
  private static let patience: Duration = .seconds(90)
  /// How long the answer to a cancelled statement may take.
  public static let patienceAfterCancel: Duration = .seconds(10)

  /// Asks the server to stop whatever it is doing for this session, for a process that ends at once.
  public func stop() async { await cancel()?.value }

  /// Asks the server to stop the running statement, on a connection of its own.
  ///
  /// `PQcancel` blocks until the server has passed it on and closed that connection, so it runs off the caller's
  /// thread; the task ends with it.
  private func cancel() -> Task<Void, Never>? {
    guard let request = PQgetCancel(connection) else { return nil }
    nonisolated(unsafe) let handle = request
    return Task {
      await withCheckedContinuation { continuation in
        DispatchQueue.global().async {
          var message = [CChar](repeating: 0, count: 256)
          PQcancel(handle, &message, Int32(message.count))
          PQfreeCancel(handle)
          continuation.resume()
        }
      }
    }
  }
}

extension Session {
  func failure(_ phase: PostgresError.Phase) -> PostgresError {
    PostgresError(
      phase: PQstatus(connection) == CONNECTION_BAD ? .lost : phase, message: Self.lastMessage(connection)
    ).redacted(by: redactor)
  }

  static func lastMessage(_ connection: OpaquePointer?) -> String {
    var text = String(cString: PQerrorMessage(connection))
    while text.last?.isNewline == true { text.removeLast() }
    return text
  }

  private func failure(of result: OpaquePointer) -> PostgresError {
    func field(_ code: UnicodeScalar) -> String? {
      PQresultErrorField(result, Int32(code.value)).map { String(cString: $0) }
    }
    let state = field("C")
    return PostgresError(
      phase: PQstatus(connection) == CONNECTION_BAD ? .lost : state == "57014" ? .cancelled : .query,
      sqlstate: state, message: field("M") ?? Self.lastMessage(connection), detail: field("D"),
      hint: field("H")
    ).redacted(by: redactor)
  }
}
