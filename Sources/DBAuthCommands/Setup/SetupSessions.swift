internal import Postgres
internal import Provisioning

/// The databases of one run, in their order, and their sessions: at most four at a time.
struct SetupSessions {
  /// A server's connections are for its users: RDS's smallest instances have some 80, and they are taken.
  static let limit = 4

  /// The database that the command names first; its session stays.
  let first: Session
  var databases: [String]
  private let parameters: ConnectionParameters
  /// How long connecting may take.
  var connectTimeout: Duration { parameters.connectTimeout }
  /// Whether each session holds the lock that keeps other setups out of its database.
  private let isLocking: Bool
  /// Besides the first; what has been used last stands last.
  private var others: [(database: String, session: Session)] = []
  private var replacement: Session?
  /// Until changes begin.
  private var readingTime: ReadingTime?

  /// Connects to the named database, and finds with `all` every other one that this login may connect to.
  static func open(_ connection: ConnectionOptions, all: Bool, locking: Bool = false) async throws
    -> SetupSessions
  {
    let (first, parameters) = try await connection.connect()
    let readingTime = ReadingTime(each: connection.statementTimeout.duration)
    await first.allow(readingTime)
    try await Pooler.refuse(first, parameters)
    var databases = [first.database]
    if all {
      let rows = try await first.query(
        """
        SELECT datname FROM pg_catalog.pg_database
        WHERE datallowconn AND NOT datistemplate AND datname <> 'rdsadmin' AND datname <> pg_catalog.current_database()
          AND pg_catalog.has_database_privilege(oid, 'CONNECT') ORDER BY oid
        """)
      databases += rows.map { rows.text($0, 0) }
    }
    if locking { try await SetupLock.acquire(first) }
    return SetupSessions(
      first: first, databases: databases, parameters: parameters, isLocking: locking, readingTime)
  }

  private init(
    first: Session, databases: [String], parameters: ConnectionParameters, isLocking: Bool,
    _ readingTime: ReadingTime
  ) {
    self.first = first
    self.databases = databases
    self.parameters = parameters
    self.isLocking = isLocking
    self.readingTime = readingTime
  }

  /// From here on statements may wait for what others hold.
  mutating func beginChanges() async {
    readingTime = nil
    for session in [first, replacement].compactMap(\.self) + others.map(\.session) {
      await session.allow(nil)
    }
  }

  /// A session in the database, the one that is open or a new one.
  ///
  /// A server ends sessions that are idle for too long, and a network forgets them: an open one is asked first.
  mutating func session(_ database: String) async throws -> Session {
    if database == first.database {
      if let replacement, try await Self.isAlive(replacement) { return replacement }
      if replacement == nil, try await Self.isAlive(first) { return first }
      replacement = nil
      let session = try await connect(database)
      replacement = session
      return session
    }
    if let place = others.firstIndex(where: { $0.database == database }) {
      let (_, session) = others.remove(at: place)
      if try await Self.isAlive(session) {
        others.append((database, session))
        return session
      }
    }
    if others.count >= Self.limit - 1 { others.removeFirst() }
    let session = try await connect(database)
    others.append((database, session))
    return session
  }

  private func connect(_ database: String) async throws -> Session {
    let session = try await Session.connect(parameters.database(database))
    await session.allow(readingTime)
    if isLocking { try await SetupLock.acquire(session) }
    return session
  }

  private static func isAlive(_ session: Session) async throws -> Bool {
    do {
      _ = try await session.roundTrip()
      return true
    } catch let error as PostgresError where error.connectionLost {
      return false
    }
  }
}
