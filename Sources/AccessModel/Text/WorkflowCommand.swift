/// Commands that CI systems take from what a job prints.
///
/// - GitHub: `::error::…` at the beginning of a line, after white space too, and `##[error]…` anywhere
///   (`actions/runner`, `src/Runner.Common/ActionCommand.cs`).
/// - Azure: `##vso[…]` and `##[…]` anywhere (`microsoft/azure-pipelines-agent`, `Command.cs`).
/// - TeamCity: `##teamcity[…]` (its manual, “Service messages”).
/// - GitLab and Travis: `section_start:…`, `travis_fold:…`, whose control characters ``ShownText`` escapes.
package enum WorkflowCommand {
  /// Variables that such systems set for a job.
  package static let variables = [
    "GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION", "GITLAB_CI", "TRAVIS", "CI",
  ]

  /// Whether a text has a command in it.
  package static func isIn(_ text: String) -> Bool { !marks(in: text).isEmpty }

  /// The text with a space inside each command, which makes it none: `: :error::`, `# #vso[`.
  package static func neutralised(_ text: String) -> String {
    let marks = marks(in: text)
    guard !marks.isEmpty else { return text }
    var neutral = ""
    var start = text.startIndex
    for mark in marks {
      let end = text.unicodeScalars.index(after: mark)
      neutral.unicodeScalars += text.unicodeScalars[start..<end]
      neutral += " "
      start = end
    }
    neutral.unicodeScalars += text.unicodeScalars[start...]
    return neutral
  }

  /// For each command in a text one ASCII character without which, or with something behind which, it is none.
  package static func marks(in text: String) -> [String.Index] {
    guard text.utf8.contains(where: { $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: ":") }) else { return [] }
    let scalars = text.unicodeScalars
    var marks: [String.Index] = []
    var isLineStart = true
    var index = scalars.startIndex
    while index < scalars.endIndex {
      let scalar = scalars[index]
      let next = scalars.index(after: index)
      switch scalar {
      case "#" where isHash(scalars[next...]): marks.append(index)
      case ":" where isLineStart && scalars[next...].first == ":": marks.append(index)
      case "_" where isFold(scalars[..<index], scalars[next...]): marks.append(index)
      default: break
      }
      // GitHub's runner takes the white space off a line, as .NET knows it.
      isLineStart = scalar == "\n" || scalar == "\r" || isLineStart && scalar.properties.isWhitespace
      index = next
    }
    return marks
  }

  /// The rest of `##vso[` and its like, behind the first sign.
  private static func isHash(_ rest: Substring.UnicodeScalarView) -> Bool {
    guard rest.first == "#" else { return false }
    let word = rest.dropFirst().prefix(20)
    return word.first { !$0.properties.isAlphabetic } == "["
  }

  /// `section_start:1`, `travis_fold:end`, around the line below.
  private static func isFold(_ before: Substring.UnicodeScalarView, _ rest: Substring.UnicodeScalarView)
    -> Bool
  {
    let name = String(Substring(before.suffix(7)))
    let verbs =
      name.hasSuffix("section") ? ["start:", "end:"] : name.hasSuffix("travis") ? ["fold:", "time:"] : []
    return verbs.contains { Substring(rest.prefix(6)).hasPrefix($0) }
  }
}
