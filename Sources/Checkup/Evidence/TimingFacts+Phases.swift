internal import DNS
internal import Postgres
internal import TLS

extension ConnectionTimeline {
  /// The phases under the report's names, with the lookup of the name before them.
  func samples(names: Duration?) -> [PhaseSample] {
    (names.map { [PhaseSample(.dns, $0)] } ?? [])
      + phases.map { PhaseSample(ConnectionPhase($0.phase), $0.duration) }
  }
}

extension Evidence {
  /// How long DNS took; nil when libpq would not ask it.
  var lookup: Duration? { names.flatMap { $0.source == .literal ? nil : $0.duration } }
}

extension Evidence {
  /// One round trip to the server; nil when it was not reached.
  var roundTrip: Duration? {
    let facts = handshakes.first { $0.observation != nil }
    let handshake = facts?.observation.map { $0.duration / ($0.helloRetryRequest ? 2 : 1) }
    let exchange = [facts.flatMap { $0.isDirect ? nil : $0.requestDuration }, handshake].compactMap { $0 }
      .min()
    return Self.roundTrip(tcp: reach.first { $0.failure == nil }?.roundTrip, exchange: exchange)
  }

  /// What TCP measured ends at a tunnel or proxy, if there is one on the way: then the shortest exchange with the server
  /// itself takes clearly longer, and is the better measure.
  static func roundTrip(tcp: Duration?, exchange: Duration?) -> Duration? {
    guard let tcp, let exchange else { return tcp ?? exchange }
    return exchange > tcp * 3 + .milliseconds(5) ? exchange : tcp
  }
}

extension ConnectionPhase {
  init(_ phase: ConnectionTimeline.Phase) {
    self =
      switch phase {
      case .tcp: .tcp
      case .tlsRequest: .tlsRequest
      case .tls: .tls
      case .startup: .startup
      case .authentication: .authentication
      case .ready: .ready
      }
  }
}

extension TimingFacts {
  /// One login's phases, with what the protocol needs for each.
  init(sample timeline: ConnectionTimeline, names: Duration?, _ evidence: Evidence) {
    self.init(samples: [timeline.samples(names: names)])
    let exchange = [timeline[.tlsRequest], timeline[.startup]].compactMap { $0 }.min()
    roundTrip = Evidence.roundTrip(
      tcp: evidence.reach.first { $0.failure == nil }?.roundTrip, exchange: exchange)
    let observation = evidence.handshakes.lazy.compactMap(\.observation).first
    expectedRoundTrips = [.tcp: 1, .tlsRequest: 1, .startup: 1, .ready: 0]
    // TLS 1.3 takes one round trip and a HelloRetryRequest one more (RFC 8446 §2); TLS 1.2 takes two (RFC 5246 §7.3).
    if let observation {
      expectedRoundTrips[.tls] =
        (observation.version == "TLSv1.3" ? 1 : 2) + (observation.helloRetryRequest ? 1 : 0)
    }
    // A clear-text password is answered at once; SCRAM takes two exchanges (RFC 5802 §5).
    expectedRoundTrips[.authentication] = evidence.answer?.asksForStoredPassword == true ? 2 : 1
  }

  /// The sum of the phases' medians.
  var total: Duration { ConnectionPhase.allCases.compactMap(median).reduce(.zero, +) }

  /// How much of it the round trips explain; nil when their length is not known.
  var explained: Duration? {
    guard let roundTrip else { return nil }
    let trips = expectedRoundTrips.filter { median($0.key) != nil }.map(\.value).reduce(0, +)
    return roundTrip * trips
  }

  /// What would make connecting faster here, as the end of a sentence; empty when nothing would.
  var advice: String {
    guard let negotiation, negotiation.direct + .milliseconds(2) < negotiation.postgres else { return "" }
    let saved = negotiation.postgres - negotiation.direct
    return "; sslnegotiation=direct (libpq 17) would save \(saved.inMilliseconds)"
  }

  /// Where a token's login takes longer than a password's, in a sentence.
  var comparison: String {
    func sum(_ samples: [[PhaseSample]]) -> Duration {
      ConnectionPhase.allCases.filter { $0 != .dns }.compactMap { Self.median($0, of: samples) }.reduce(
        .zero, +)
    }
    let token = sum(samples)
    let other = sum(password)
    let differences = ConnectionPhase.allCases.filter { $0 != .dns }.map { phase in
      (phase, (median(phase) ?? .zero) - (Self.median(phase, of: password) ?? .zero))
    }
    let largest = differences.max { $0.1 < $1.1 }
    let difference = token - other
    let head = "token \(token.inMilliseconds), password \(other.inMilliseconds)"
    guard difference > .milliseconds(1), let largest else {
      return
        "\(head): the token is no slower; what is slow lies before the connection, where credentials come from"
    }
    let share = Int((largest.1.milliseconds / difference.milliseconds * 100).rounded())
    let reason =
      switch largest.0 {
      case .authentication: "the server's own verification of the token"
      case .tls, .tlsRequest: "TLS, which the password's login paid as well"
      default: "the phase \(largest.0.rawValue)"
      }
    return "\(head): \(share) % of the difference is \(reason)"
  }
}
