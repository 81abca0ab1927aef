/// How long a server may take to answer while nothing is changed yet: setup reads catalogs, and no more.
///
/// A server that lets a row drip now and then is never silent, so that silence is not what is measured.
public struct ReadingTime: Sendable {
  /// For one statement, all of its rows included.
  public let each: Duration
  /// When all statements have to be answered.
  let end: ContinuousClock.Instant

  /// A plan of a database takes some two dozen statements; a server may have many databases.
  private static let most = 60

  /// Begins now.
  public init(each: Duration) {
    self.each = each
    end = .now + each * Self.most
  }

  /// When a statement that is sent now is cancelled: a server that ends it by itself does so before.
  var limit: ContinuousClock.Instant { min(.now + each + margin, end) }

  /// What is left for a cancelled statement's answer.
  var margin: Duration { max(each / 20, .milliseconds(100)) }

  /// - Throws: `PostgresError` when nothing more may be asked.
  func check() throws {
    guard ContinuousClock.now >= end else { return }
    let seconds = Int((each * Self.most).components.seconds)
    throw PostgresError(
      phase: .deadline, message: "the server's catalogs were not read within \(seconds) s",
      hint: "a larger --statement-timeout gives it more time")
  }
}
