/// When each phase of a connection that libpq made came to its end.
///
/// libpq tells its state after each step (`PQstatus`, `PQconnectionUsedPassword`); the moment at which the socket became
/// ready before that step is when the phase ended. Every phase begins where the one before ends, so that their sum is the whole.
public struct ConnectionTimeline: Sendable, Hashable {
  public enum Phase: String, Sendable, Hashable, CaseIterable {
    case tcp
    /// The SSLRequest and its one-byte answer.
    case tlsRequest
    case tls
    /// From the startup message to the request for a password.
    case startup
    /// From the password to AuthenticationOk.
    case authentication
    /// From AuthenticationOk to ReadyForQuery.
    case ready
  }

  /// The phases in the order in which they ended, each once; a phase that was not needed is missing.
  public private(set) var phases: [(phase: Phase, duration: Duration)] = []
  private let started: ContinuousClock.Instant
  private var last: ContinuousClock.Instant

  /// A connection that is about to be made.
  public static var beginning: ConnectionTimeline { ConnectionTimeline(at: .now) }

  init(at start: ContinuousClock.Instant) {
    (started, last) = (start, start)
  }

  /// From the first packet to the last step so far.
  public var total: Duration { last - started }

  /// Where the connection is now: the phase after the last one that ended.
  public var current: Phase {
    guard let last = phases.last?.phase, let index = Phase.allCases.firstIndex(of: last) else { return .tcp }
    return Phase.allCases[min(index + 1, Phase.allCases.count - 1)]
  }

  public subscript(phase: Phase) -> Duration? { phases.first { $0.phase == phase }?.duration }

  mutating func end(_ phase: Phase, at moment: ContinuousClock.Instant) {
    guard self[phase] == nil else { return }
    phases.append((phase, moment - last))
    last = moment
  }

  public static func == (one: ConnectionTimeline, other: ConnectionTimeline) -> Bool {
    one.phases.elementsEqual(other.phases, by: ==)
  }

  public func hash(into hasher: inout Hasher) {
    for (phase, duration) in phases {
      hasher.combine(phase)
      hasher.combine(duration)
    }
  }
}
