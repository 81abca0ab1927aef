internal import Postgres

/// What a token costs beside a password: both logins are made in turn, and compared phase by phase.
struct TimingCompareCheck: Check {
  let id = "timing-compare"
  let stage = Stage.timing
  let claim = "a login by token is not much slower than one by password"
  let requires = ["timing-phases"]
  let deadline = Duration.seconds(120)
  let connections = 2

  func run(_ run: CheckupRun) async -> Outcome {
    guard let comparison = run.request.comparison else {
      return .notApplicable("no --compare-password was asked for")
    }
    let token: LoginAttempt
    let password: LoginAttempt
    switch (await LoginAttempt.prepared(run), await LoginAttempt.prepared(run, insteadAs: comparison)) {
    case (.ready(let one), .ready(let other)): (token, password) = (one, other)
    case (.impossible(let reason), _), (_, .impossible(let reason)): return .unknown(reason)
    }
    await run.announce(password.notes)
    let end = run.deadline(deadline)
    for _ in 0..<max(run.request.samples, 1) where ContinuousClock.now < end {
      let (one, _, tokenLine) = await token.logIn(until: end)
      let (other, _, passwordLine) = await password.logIn(until: end)
      guard one.succeeded, let tokenLine else { return .unknown("the token's login failed: \(one.message)") }
      guard other.succeeded, let passwordLine else {
        return .unknown(
          "\(comparison.user) could not log in with the password of DBAUTH_COMPARE_PASSWORD: \(other.message)"
        )
      }
      await run.record {
        $0.timing?.samples.append(tokenLine.samples(names: nil))
        $0.timing?.password.append(passwordLine.samples(names: nil))
      }
    }
    guard let timing = await run.evidence.timing else { return .unknown("nothing was measured") }
    let items = ConnectionPhase.allCases.filter { $0 != .dns }.compactMap { phase -> EvidenceItem? in
      guard let token = timing.median(phase) else { return nil }
      let password = TimingFacts.median(phase, of: timing.password) ?? .zero
      return EvidenceItem(
        phase.rawValue, "token \(token.inMilliseconds), password \(password.inMilliseconds)")
    }
    return .pass(timing.comparison, items)
  }
}
