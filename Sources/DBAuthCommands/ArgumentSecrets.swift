internal import AccessModel
internal import Targets

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

  /// Hides what is a secret for certain, in the place of something that would be shown: a database token anywhere, and a
  /// password where a host is to be.
  ///
  /// - Parameter environment: variables of it are settings that are shown, too.
  static func hideMisplaced(_ arguments: [String], _ environment: Environment) {
    hideMisplaced(in: arguments + shownVariables.compactMap { environment[$0] })
  }

  /// - Parameter values: of settings, whoever set them.
  static func hideMisplaced(in values: some Sequence<String>) {
    for value in values {
      if let token = token(in: value) { KnownSecrets.hide(Redactor([Secret(token)])) }
      // Of a URI or conninfo string the password stands where it belongs.
      if !value.contains("://"), !value.contains("="), !value.hasPrefix("arn:"),
        let password = password(beforeHostIn: value)
      {
        KnownSecrets.hide(passwords: Redactor([Secret(password)]))
      }
    }
  }

  /// Variables whose values stand in messages: libpq's, the AWS SDKs' and our own, but for those that are for secrets.
  private static let shownVariables =
    ConnectionSettings.shownVariables + [
      "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE",
      "DBAUTH_CONFIG", "PGPASSFILE", "PGSERVICEFILE", "PGSYSCONFDIR",
    ]

  /// A token from its first parameter on, encoded or not; what stands before that is a host.
  private static func token(in text: String) -> String? {
    guard text.utf8.count > shortestToken else { return nil }
    let small = text.utf8.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
    let places = ["action=", "action%", "x-amz-"].compactMap {
      small.firstRange(of: Array($0.utf8))?.lowerBound
    }
    guard let start = places.min(), small.firstRange(of: Array("x-amz-".utf8)) != nil else { return nil }
    return String(decoding: Array(text.utf8)[start...], as: UTF8.self)
  }

  /// `X-Amz-Signature=` and half a signature.
  private static let shortestToken = 40

  /// `user:password@host`, with or without a scheme before it.
  private static func password(beforeHostIn text: String) -> String? {
    guard text.utf8.contains(UInt8(ascii: "@")) else { return nil }
    let authority = text.firstRange(of: "://").map { text[$0.upperBound...] } ?? text[...]
    guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else {
      return nil
    }
    let password = authority[authority.index(after: colon)..<at]
    return password.isEmpty ? nil : String(password)
  }

  private static func secrets(in argument: String) -> [String] {
    var secrets: [String] = []
    if let password = password(beforeHostIn: argument) { secrets.append(password) }
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
