internal import AccessModel

/// A word that is none of the values of its option, with the value that was probably meant.
struct MistypedValue: ConfigurationError {
  let option, word: String
  let known: [String]
  /// The words of the command.
  let path: [String]

  /// Reads what ArgumentParser says of such a value: `The value 'x' is invalid for '--mode <mode>'. Please provide one
  /// of …`; nil when it says something else.
  init?(_ message: String, in arguments: [String]) {
    let parts = message.split(separator: "'. Please provide one of ", maxSplits: 1)
    let opening = "The value '"
    let between = "' is invalid for '"
    guard parts.count == 2, parts[0].hasPrefix(opening),
      let middle = parts[0].firstRange(of: between)
    else { return nil }
    word = String(parts[0][..<middle.lowerBound].dropFirst(opening.count))
    option = String(parts[0][middle.upperBound...].prefix { $0 != " " })
    known = Self.values(parts[1])
    path = Array(arguments.prefix { !$0.hasPrefix("-") })
  }

  /// `'a', 'b', and 'c'.`, or a line `  - a` each.
  private static func values(_ list: Substring) -> [String] {
    let lines = list.split(separator: "\n")
    if lines.count > 1 {
      return lines.filter { $0.hasPrefix("  - ") }.map { String($0.dropFirst("  - ".count)) }
    }
    return list.split(separator: "'", omittingEmptySubsequences: false).enumerated()
      .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
  }

  var description: String {
    let near = known.map { ($0, $0.editDistance(to: word.lowercased())) }
      .filter { $0.1 <= max(2, word.count / 3) }.min { ($0.1, $0.0) < ($1.1, $1.0) }
    let suggestion = near.map { " Did you mean “\($0.0)”?" } ?? ""
    return """
      \(option) “\(word.escapedForDisplay)” is none of its values.\(suggestion)
      Values: \(known.joined(separator: ", ")). See \((["dbauth-admin"] + path).joined(separator: " ")) --help.
      """
  }
}

/// An option that has to be given and is not, while one that looks like it is.
struct MistypedOption: ConfigurationError {
  let word, option: String

  /// Reads what ArgumentParser says of it: `Missing expected argument '--iam-user <name>'`; nil when it says something
  /// else, or nothing looks like it.
  init?(_ message: String, in arguments: [String]) {
    let opening = "Missing expected argument '"
    guard message.hasPrefix(opening) else { return nil }
    let option = String(message.dropFirst(opening.count).prefix { $0 != " " && $0 != "'" })
    let near = arguments.map { String($0.prefix { $0 != "=" }) }
      .first { $0.hasPrefix("--") && $0 != option && $0.editDistance(to: option) <= 2 }
    guard let near else { return nil }
    (word, self.option) = (near, option)
  }

  var description: String { "“\(word.escapedForDisplay)” is not an option. Did you mean “\(option)”?" }
}
