internal import AccessModel

/// ArgumentParser's message about arguments that it does not take, without what may be a password among them.
///
/// Its messages quote arguments as they are: https://github.com/apple/swift-argument-parser, `UsageGenerator.swift`.
struct UsageMessage {
  let text: String

  /// - Parameter message: what ArgumentParser would print: the mistake, and how the command is used.
  init(_ message: String, arguments: [String]) {
    let usage = message.firstRange(of: "\nUsage: ")?.lowerBound ?? message.endIndex
    let mistake = Self.rewritten(String(message[..<usage]), arguments)
    text = ArgumentSecrets.redactor(arguments).redacted(ShownText.lines(mistake)) + message[usage...]
  }

  private static func rewritten(_ mistake: String, _ arguments: [String]) -> String {
    let prefix = "Error: "
    guard mistake.hasPrefix(prefix) else { return mistake }
    let words = mistake.dropFirst(prefix.count)
    if words.hasPrefix("Unexpected argument '") { return prefix + unexpected(1, arguments) }
    if let count = Int(words.prefix(while: \.isNumber)), words.contains(" unexpected arguments: '") {
      return prefix + unexpected(count, arguments)
    }
    if let name = between(words, "The option '", "' does not take any value, but '") {
      return
        "\(prefix)The option '\(option(name))' takes no value; the one that was given is not repeated here."
    }
    if words.hasPrefix("Unknown option '") || words.hasPrefix("Value to be set with flag '") {
      return prefix
        + words.split(separator: "\n", omittingEmptySubsequences: false).map(withOptions)
        .joined(separator: "\n")
    }
    if let value = between(words, "The value '", "' is invalid"), !isHarmless(value) {
      return prefix + "The value “…”" + words.dropFirst("The value '".count + value.count + 1)
    }
    return mistake
  }

  private static func unexpected(_ count: Int, _ arguments: [String]) -> String {
    var text =
      count == 1
      ? "There is an argument more than the command takes."
      : "There are \(count) arguments more than the command takes."
    text += " What stands there is not repeated here: it may be a password."
    if arguments.contains(where: { $0.contains("://") || $0.contains("password=") }) {
      text += " A connection string is given with -d/--dbname."
    }
    if arguments.contains(where: { $0.hasPrefix("-W") || $0.hasPrefix("--password") }) {
      text += " -W/--password asks for the password, and takes none."
    }
    return text
  }

  /// The line with every option that it quotes as far as it can be one.
  private static func withOptions(_ line: Substring) -> String {
    line.split(separator: "'", omittingEmptySubsequences: false).enumerated().map { index, part in
      index.isMultiple(of: 2) ? String(part) : option(part)
    }.joined(separator: "'")
  }

  /// An option's name; of anything else the sign that one begins with.
  private static func option(_ text: some StringProtocol) -> String {
    let name = text.drop { $0 == "-" }
    let isName =
      text.hasPrefix("--")
      ? name.utf8.allSatisfy { $0.isASCIILetter || $0 == UInt8(ascii: "-") } : name.count == 1
    // How ArgumentParser shows an option that it knows: -p <port>, --port <port>.
    if isName || name.hasSuffix(">") && name.contains(" <") { return String(text) }
    return text.hasPrefix("--") ? "--…" : "\(text.prefix(2))…"
  }

  /// A word as options take them: no address with a user in it, nothing long.
  private static func isHarmless(_ value: Substring) -> Bool {
    value.utf8.count <= 40
      && value.utf8.allSatisfy { $0.isASCIIAlphanumeric || "-._,:".utf8.contains($0) }
  }

  private static func between(_ text: Substring, _ start: String, _ end: String) -> Substring? {
    guard text.hasPrefix(start), let place = text.ranges(of: end).last else { return nil }
    return text.dropFirst(start.count)[..<place.lowerBound]
  }
}
