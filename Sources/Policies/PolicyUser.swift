public import AccessModel

/// The database user in a policy's resource: one user, or all whose name matches.
///
/// IAM reads `*`, `?` and `${…}` in a resource as wildcards and variables. A user whose own name has these characters
/// is written with IAM's variables that stand for them: `${*}`, `${?}` and `${$}`.
public struct PolicyUser: Hashable, Sendable {
  /// The user as IAM is to read it.
  public let pattern: String
  /// The wildcards and variables in it, as they were given: empty for one user.
  public let openings: [Opening]

  /// What lets a pattern match more than one user.
  public enum Opening: Hashable, Sendable {
    /// `*` or `?`.
    case wildcard
    /// `${aws:username}`, which IAM replaces with a property of whoever connects.
    case variable(String)
  }

  /// The user of exactly this name.
  ///
  /// - Throws: ``PolicyUserError`` for a name that no PostgreSQL user can have or that IAM cannot hold.
  public init(exactly name: String) throws(PolicyUserError) {
    guard name.utf8.count <= Self.longestName else { throw PolicyUserError(name: name, problem: .tooLong) }
    try self.init(pattern: Self.escaped(name), name: name, openings: [])
  }

  /// A pattern: `*` and `?` match, `${aws:…}` is replaced by IAM, everything else is the user's own name.
  /// `${*}`, `${?}` and `${$}` are the characters themselves.
  public init(matching text: String) throws(PolicyUserError) {
    var pattern = ""
    var openings: [Opening] = []
    var rest = text[...]
    while let character = rest.first {
      if let literal = Self.literals.first(where: { rest.hasPrefix($0) }) {
        pattern += literal
        rest.removeFirst(literal.count)
      } else if let variable = Self.variable(at: rest) {
        pattern += variable
        openings.append(.variable(String(variable)))
        rest.removeFirst(variable.count)
      } else {
        if character == "*" || character == "?" { openings.append(.wildcard) }
        pattern += rest.hasPrefix("${") ? "${$}" : String(character)
        rest.removeFirst()
      }
    }
    try self.init(pattern: pattern, name: text, openings: openings)
  }

  private init(pattern: String, name: String, openings: [Opening]) throws(PolicyUserError) {
    guard !name.isEmpty else { throw PolicyUserError(name: name, problem: .empty) }
    guard name.unicodeScalars.allSatisfy(Self.isAllowedInPolicies) else {
      throw PolicyUserError(name: name, problem: .character)
    }
    (self.pattern, self.openings) = (pattern, openings)
  }

  /// PostgreSQL's longest identifier, in bytes (NAMEDATALEN − 1).
  private static let longestName = 63
  /// IAM's predefined variables for the characters that have a meaning of their own.
  private static let literals = ["${*}", "${?}", "${$}"]

  private static func escaped(_ name: String) -> String {
    let hasVariable = name.contains("${")
    return name.map { character in
      switch character {
      case "*", "?": "${\(character)}"
      case "$" where hasVariable: "${$}"
      default: String(character)
      }
    }.joined()
  }

  /// `${service:key}` at the start of `text`, or nil.
  private static func variable(at text: Substring) -> Substring? {
    guard text.hasPrefix("${"), let end = text.firstIndex(of: "}") else { return nil }
    let key = text[..<end].dropFirst(2)
    guard key.contains(":"), key.first != ":" else { return nil }
    guard key.utf8.allSatisfy({ $0.isASCIIAlphanumeric || ":/-_.@".utf8.contains($0) }) else { return nil }
    return text[...end]
  }

  /// What IAM's API accepts in a policy document: tab, line breaks, and U+0020 to U+00FF.
  private static func isAllowedInPolicies(_ scalar: Unicode.Scalar) -> Bool {
    [0x09, 0x0A, 0x0D].contains(scalar.value) || 0x20...0xFF ~= scalar.value
  }
}

/// A name that cannot be a database user in an IAM policy.
public struct PolicyUserError: ConfigurationError, Hashable {
  enum Problem: Sendable, Hashable {
    case empty, tooLong, character
  }

  public let name: String
  let problem: Problem

  public var description: String {
    switch problem {
    case .empty: "the database user is empty"
    case .tooLong:
      "the database user “\(name.escapedForDisplay)” is longer than the 63 bytes that PostgreSQL keeps of a name"
    case .character:
      """
      the database user “\(name.escapedForDisplay)” has a character that an IAM policy cannot hold (only tab, line \
      breaks and U+0020 to U+00FF); IAM login needs a user with a simpler name
      """
    }
  }
}
