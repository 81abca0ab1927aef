/// What the times say.
enum TimingRules {
  /// Below this nobody minds how long the verification of a token takes.
  private static let tolerable = Duration.milliseconds(500)

  static func findings(_ evidence: Evidence) -> [Finding] { refusals(evidence) + verification(evidence) }

  /// The same token worked at first, and was refused later.
  private static func refusals(_ evidence: Evidence) -> [Finding] {
    guard let login = evidence.login, login.succeeded, let attempts = login.attempts,
      attempts.succeeded < attempts.made
    else {
      return []
    }
    return [
      Finding(
        "rds-low-memory", .probable, check: "timing-phases",
        reason:
          "\(attempts.made - attempts.succeeded) of \(attempts.made) logins with the same token were refused: the host that asks IAM is short of memory, or throttled"
      )
    ]
  }

  private static func verification(_ evidence: Evidence) -> [Finding] {
    guard let timing = evidence.timing, let authentication = timing.median(.authentication),
      evidence.usesToken
    else { return [] }
    let network = (timing.roundTrip ?? .zero) * 2
    guard authentication > tolerable + network, authentication * 2 > timing.total else { return [] }
    let share = Int((authentication.milliseconds / timing.total.milliseconds * 100).rounded())
    return [
      Finding(
        "time-slow-auth", .warning, .certain, check: "timing-phases",
        reason:
          "\(authentication.inMilliseconds) of \(timing.total.inMilliseconds) (\(share) %) go by while the server verifies the token",
        fix: "keep connections open: a pool with a minimum above 0")
    ]
  }
}
