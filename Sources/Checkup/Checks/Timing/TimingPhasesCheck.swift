internal import DNS
internal import Postgres
internal import Targets

/// No phase of connecting takes longer than the network explains.
struct TimingPhasesCheck: Check {
  let id = "timing-phases"
  let stage = Stage.timing
  let claim = "connecting takes no longer than the network explains"
  let requires = ["login-token"]
  let after = ["role-attributes"]
  let deadline = Duration.seconds(120)
  let connections = 2

  func run(_ run: CheckupRun) async -> Outcome {
    let wanted = run.request.samples
    let names = await run.evidence.lookup
    if wanted > 1 {
      let attempt: LoginAttempt
      switch await LoginAttempt.prepared(run) {
      case .ready(let ready): attempt = ready
      case .impossible(let reason): return .unknown(reason)
      }
      let end = run.deadline(deadline)
      var refused = 0
      var failed = 0
      var last: String?
      var made = 1
      for _ in 1..<wanted where ContinuousClock.now + (await run.evidence.timing?.total ?? .zero) < end {
        made += 1
        let (facts, _, timeline) = await attempt.logIn(until: end)
        if facts.timedOut, ContinuousClock.now >= run.end {
          made -= 1
          break
        }
        guard facts.succeeded, let timeline else {
          if facts.message.contains("PAM authentication failed") { refused += 1 }
          failed += 1
          last = facts.message
          if failed >= 5 { break }
          continue
        }
        await run.record { $0.timing?.samples.append(timeline.samples(names: names)) }
      }
      let attempts = LoginFacts.Attempts(made: made, succeeded: made - refused)
      if refused > 0 { await run.record { $0.login?.attempts = attempts } }
      if let last { return .fail("\(failed) of \(made) logins with the same token failed: \(last)") }
    }
    await compareNegotiations(run)
    guard let timing = await run.evidence.timing else { return .unknown("nothing was measured") }
    let total = timing.total
    let items = ConnectionPhase.allCases.compactMap { phase in
      timing.median(phase).map { EvidenceItem(phase.rawValue, Self.line(phase, $0, timing)) }
    }
    let explained = timing.explained.map { ", of which the network explains \($0.inMilliseconds)" } ?? ""
    let samples =
      timing.samples.count > 1
      ? " (median of \(timing.samples.count)\(timing.samples.count < wanted ? "; no time was left for \(wanted - timing.samples.count) more" : ""))"
      : ""
    return .pass("\(total.inMilliseconds)\(samples)\(explained)\(timing.advice)", items)
  }

  /// Direct negotiation (PostgreSQL 17) beside the usual one, where it is worth a round trip that one would notice.
  private func compareNegotiations(_ run: CheckupRun) async {
    let evidence = await run.evidence
    guard evidence.target.settings["sslnegotiation"] != "direct",
      (evidence.role?.serverVersion ?? 0) >= 170_000,
      let address = evidence.handshakes.first(where: { $0.observation != nil })?.address,
      evidence.roundTrip ?? .zero >= .milliseconds(5)
    else { return }
    let options = TLSVersionsCheck.options(evidence)
    let end = run.deadline(.seconds(5))
    guard let usual = await TLSProbe.handshake(address, options: options, until: end),
      let direct = await TLSProbe.handshake(address, options: options, isDirect: true, until: end)
    else { return }
    await run.record { $0.timing?.negotiation = (usual.duration, direct.duration) }
  }

  private static func line(_ phase: ConnectionPhase, _ median: Duration, _ timing: TimingFacts) -> String {
    let all = timing.samples.compactMap { sample in sample.first { $0.phase == phase }?.duration }.sorted()
    var line = median.inMilliseconds
    if all.count > 1, let first = all.first {
      line +=
        " (min \(first.inMilliseconds), p95 \(all[min(all.count - 1, all.count * 95 / 100)].inMilliseconds))"
    }
    if let trips = timing.expectedRoundTrips[phase], let roundTrip = timing.roundTrip {
      let rest = max(median - roundTrip * trips, .zero)
      line += ", \(trips) round trip\(trips == 1 ? "" : "s") and \(rest.inMilliseconds)"
    }
    return line
  }
}
