/// Asks servers in their order until one has an answer.
struct NameServerRotation: Sendable {
  struct Outcome: Sendable {
    var answer: DNSAnswer
    /// The server that gave it; nil when none did.
    var server: NameServer?
    var queries: [DNSQuery] = []
  }

  let servers: [NameServer]
  let timeout: Duration
  let deadline: ContinuousClock.Instant

  /// A server that fails or is silent is followed by the next one, as resolv.conf(5) has it; the silent ones get a
  /// second chance with twice the time.
  func ask(_ name: String, _ type: DNSQuery.RecordType) async -> Outcome {
    var best = Outcome(answer: DNSAnswer(status: servers.isEmpty ? .unreachable : .timedOut))
    var queries: [DNSQuery] = []
    var silent = servers
    for patience in [timeout, timeout * 2] {
      let round = silent
      silent = []
      for server in round {
        let started = ContinuousClock.now
        guard started < deadline else { break }
        let answer = await DNSExchange.ask(name, type, of: server, until: min(deadline, started + patience))
        queries.append(
          DNSQuery(
            name: name, type: type, server: server.description, status: answer.status,
            duration: .now - started))
        switch answer.status {
        case .answered, .noData, .nxDomain, .invalidName:
          return Outcome(answer: answer, server: server, queries: queries)
        case .timedOut: silent.append(server)
        case .serverFailure, .refused, .malformed:
          // An answer, if a bad one, says more than silence.
          if best.server == nil { best = Outcome(answer: answer, server: server) }
        case .unreachable:
          if best.server == nil { best.answer = answer }
        }
      }
    }
    best.queries = queries
    return best
  }
}
