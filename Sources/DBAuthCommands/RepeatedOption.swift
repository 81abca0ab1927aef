internal import AccessModel

/// An option of `setup` that has one value and is given twice: one of the two would be ignored without a word.
struct RepeatedOption: ConfigurationError {
  let option: String

  private static let once: Set = [
    "--iam-user", "--owner-role", "--mode", "--rds-iam-role", "--lock-timeout", "--batch-locks", "--journal",
    "--format", "--policy-out", "--policy-format",
  ]

  /// Nil when every such option is there once at most.
  init?(in arguments: [String]) {
    guard arguments.first == "setup" else { return nil }
    var seen: Set<String> = []
    let names = arguments.prefix { $0 != "--" }.map { String($0.prefix { $0 != "=" }) }
    guard let twice = names.first(where: { Self.once.contains($0) && !seen.insert($0).inserted }) else {
      return nil
    }
    option = twice
  }

  var description: String { "\(option) is given twice; it has one value" }
}
