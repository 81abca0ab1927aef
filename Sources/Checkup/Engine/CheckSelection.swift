/// Which checks a run is about.
struct CheckSelection: Sendable {
  private let ids: Set<String>
  private let skip: Set<String>
  private let offline: Bool

  /// What was asked for with `--only`, and all that it requires.
  init(_ request: CheckupRequest, _ checks: [any Check]) {
    skip = request.skip
    offline = request.offline
    guard !request.only.isEmpty else {
      ids = Set(checks.map(\.id))
      return
    }
    let byID = Dictionary(uniqueKeysWithValues: checks.map { ($0.id, $0) })
    var chosen: Set<String> = []
    var open = checks.filter { request.only.contains($0.id) || request.only.contains($0.stage.rawValue) }.map(
      \.id)
    while let id = open.popLast() {
      if chosen.insert(id).inserted { open += byID[id]?.requires ?? [] }
    }
    ids = chosen
  }

  func contains(_ id: String) -> Bool { ids.contains(id) }

  /// Why the user does not want a check run, nil when they do.
  func reasonToSkip(_ check: any Check) -> String? {
    if skip.contains(check.id) { return "--skip \(check.id)" }
    if skip.contains(check.stage.rawValue) { return "--skip \(check.stage.rawValue)" }
    if offline, check.usesNetwork { return "--offline" }
    return nil
  }
}
