internal import AccessModel
internal import ArgumentParser

/// A word in a command's place that is none, with the command that was probably meant.
struct UnknownCommand: ConfigurationError {
  /// The words before it: `["policy"]`.
  let path: [String]
  let word: String
  let known: [String]

  /// Follows `arguments` down the tree of commands; nil when each word is a command as far as there are commands.
  init?(in arguments: [String], below root: any ParsableCommand.Type) {
    var path: [String] = []
    var command = root
    for word in arguments {
      let subcommands = command.configuration.subcommands
      guard !subcommands.isEmpty, !word.hasPrefix("-"), !(path.isEmpty && word == "help") else { return nil }
      guard let next = subcommands.first(where: { Self.name(of: $0) == word }) else {
        self.path = path
        self.word = word
        known = subcommands.map(Self.name)
        return
      }
      path.append(word)
      command = next
    }
    return nil
  }

  var description: String {
    let command = (["dbauth-admin"] + path).joined(separator: " ")
    let nearest = known.map { (name: $0, distance: word.editDistance(to: $0)) }.min {
      $0.distance < $1.distance
    }
    // Two slips of the finger; more is another word.
    let suggestion = nearest.flatMap { $0.distance <= 2 ? " Did you mean “\($0.name)”?" : nil } ?? ""
    return """
      \(shown) is not a command of \(command).\(suggestion)
      Commands: \(known.joined(separator: ", ")). See \(command) --help.
      """
  }

  /// The word, when it is one. Anything else may hold a password: a connection string for instance.
  private var shown: String {
    let isWord = word.utf8.count <= 24 && word.utf8.allSatisfy { $0.isASCIILetter || $0 == UInt8(ascii: "-") }
    return isWord ? "“\(word)”" : "what stands in its place"
  }

  private static func name(of command: any ParsableCommand.Type) -> String {
    command.configuration.commandName ?? "\(command)".lowercased()
  }
}
