internal import Targets

/// No other parameter stands in the way of a login by token.
struct ConfigOptionsCheck: Check {
  static let keywords = [
    "channel_binding", "gssencmode", "require_auth", "replication", "options", "target_session_attrs",
  ]

  let id = "config-options"
  let stage = Stage.config
  let claim = "no parameter rules out a login by token"
  let requires = ["config-target"]
  let after = ["config-password"]

  func run(_ run: CheckupRun) async -> Outcome {
    let settings = await run.evidence.target.settings
    let given = Self.keywords.compactMap { keyword in
      settings.setting(keyword).map { EvidenceItem(keyword, "\($0.value) (\($0.source))") }
    }
    let list = given.map { "\($0.name)=\($0.value)" }.joined(separator: ", ")
    return .pass(given.isEmpty ? "no parameter in the way" : list, given)
  }
}
