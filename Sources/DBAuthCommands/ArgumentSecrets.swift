internal import AccessModel

/// What of a command line may be a password although it does not belong there. No message repeats it.
enum ArgumentSecrets {
  /// Hides what any of the arguments may hold.
  static func redactor(_ arguments: [String]) -> Redactor {
    var redactor = Redactor()
    for (index, argument) in arguments.enumerated() {
      for text in secrets(in: argument) { redactor.hide(Secret(text)) }
      // Of MySQL's -p, a password follows; -W and --password take none here.
      let next = index + 1 < arguments.count ? arguments[index + 1] : ""
      let isSecret =
        ["-W", "--password"].contains(argument) && !next.hasPrefix("-")
        || ["-p", "--port"].contains(argument) && !isNumber(next)
      if isSecret { redactor.hide(Secret(next)) }
    }
    return redactor
  }

  private static func secrets(in argument: String) -> [String] {
    var secrets: [String] = []
    // scheme://user:password@host, user:password@host
    let authority = argument.firstRange(of: "://").map { argument[$0.upperBound...] } ?? argument[...]
    if let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") {
      secrets.append(String(authority[authority.index(after: colon)..<at]))
    }
    secrets += values(in: argument)
    if argument.hasPrefix("-W"), argument.count > 2 { secrets.append(String(argument.dropFirst(2))) }
    if argument.hasPrefix("-p"), argument.count > 2, !isNumber(String(argument.dropFirst(2))) {
      secrets.append(String(argument.dropFirst(2)))
    }
    return secrets.filter { !$0.isEmpty }
  }

  /// `password=…` and its like, in an option, a conninfo string or a query; with quotation marks up to their end.
  private static func values(in argument: String) -> [String] {
    var values: [String] = []
    var rest = argument[...]
    while let equals = rest.firstIndex(of: "=") {
      let name = rest[..<equals].reversed().drop(while: \.isWhitespace).prefix { !" &?-'".contains($0) }
      let isSecret = ["pass", "secret", "token", "pwd", "key"].contains {
        String(name.reversed()).lowercased().contains($0)
      }
      rest = rest[rest.index(after: equals)...].drop(while: \.isWhitespace)
      guard isSecret else { continue }
      if rest.first == "'" {
        values.append(String(rest.dropFirst().prefix { $0 != "'" }))
      } else {
        values.append(String(rest.prefix { !$0.isWhitespace && $0 != "&" }))
      }
      // An option's value, or one that was not quoted, may have spaces.
      if argument.hasPrefix("-") { values.append(String(rest)) }
    }
    return values
  }

  private static func isNumber(_ text: String) -> Bool { text.utf8.allSatisfy(\.isASCIIDigit) }
}
