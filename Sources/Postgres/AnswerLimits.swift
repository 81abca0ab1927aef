internal import CLibPQ
internal import Glibc

/// How much a server may send: enough for catalogs of hundreds of thousands of objects, and not more than memory is for.
struct AnswerLimits {
  /// What a server may say before a session stands: a chain of certificates, and a score of parameters.
  static let beforeSession = 1 << 20
  /// What the rows of one message's answer may take.
  static let rows = 48 << 20
  /// What a session may get beside the rows, statements' tags and errors that it has asked for: notices, parameters, and
  /// the part of a row that is on its way. libpq keeps parameters in five times the memory.
  static let beside = 4 << 20

  /// What libpq may work on one message's answer, its rows' storage aside: with every parameter it looks through all
  /// that it has got before.
  static let work: Duration = .seconds(2)

  /// Bytes received that are accounted for.
  private var accounted: Int
  private var stored = 0
  private var worked: Duration = .zero
  /// Rows since work was last taken into account.
  private var rows = 0
  /// What a row takes to read and to store, on a slow machine.
  private static let rowWork: Duration = .microseconds(10)

  /// - Parameter received: how much has come while connecting.
  init(received: Int) { accounted = received }

  /// A new message is about to be sent.
  mutating func begin() { (stored, worked, rows) = (0, .zero, 0) }

  /// What this thread has worked so far, whatever else goes on in the machine.
  static var processorTime: Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  /// Takes into account how long it took to work through what came. To look at the clock costs as much as a row: so it
  /// is looked at for a portion, and what its rows may have taken is left out.
  mutating func note(work: Duration) {
    worked += max(.zero, work - Self.rowWork * rows)
    rows = 0
  }

  /// Takes a result's rows into account.
  mutating func note(_ rows: (stored: Int, wire: Int)) {
    self.rows += 1
    stored += rows.stored
    accounted += rows.wire
  }

  /// Takes into account what a result has on the wire beside its rows: its description, its tag, its error.
  mutating func note(_ result: OpaquePointer) {
    // What a result takes here without a row.
    stored += 256
    for column in 0..<PQnfields(result) {
      accounted += 19 + (PQfname(result, column).map { String(cString: $0).utf8.count } ?? 0)
    }
    accounted += 13 + String(cString: PQcmdStatus(result)).utf8.count
    accounted += String(cString: PQresultErrorMessage(result)).utf8.count
  }

  /// What the server has overstepped, in words.
  func violation(received: Int) -> String? {
    if stored > Self.rows { return "the server's answer is larger than \(Self.rows >> 20) MB" }
    if received - accounted > Self.beside {
      return
        "the server has sent more than \(Self.beside >> 20) MB that nobody asked for, or one row of that size"
    }
    if worked > Self.work { return "the server keeps libpq at work with messages that are no answer" }
    return nil
  }
}
