public import FoundationEssentials

/// A text that is to be sent as a password, read and judged.
public struct TokenInspection: Sendable, Hashable {
  /// What it says; nil when it is no token.
  public let reading: TokenReading?
  /// What is wrong with it, the most certain first.
  public let faults: [TokenFault]

  /// Whether the text is something that IAM could look at at all. A plain password is not, and is no fault either.
  public var isToken: Bool { reading != nil }

  /// - Parameters:
  ///   - text: the password as it would be sent, with everything that is around it.
  ///   - expected: what the login is for.
  ///   - now: the time to judge its age by; nil leaves its age alone, as for one found in a log.
  public init(_ text: String, expected: TokenExpectation = TokenExpectation(), now: Date?) {
    reading = TokenReading(text)
    if let reading {
      faults = Self.faults(reading, expected: expected, now: now)
    } else if text.allSatisfy(\.isWhitespace) {
      faults = [
        TokenFault(
          .empty, "the password is empty: what was to make it failed, or its variable is not set",
          fix: "run the command that makes the token by itself, and look at its exit status and its stderr")
      ]
    } else if text.trimmed.isMask {
      faults = [Self.masked("the password is a mask of \(text.trimmed.count) characters, not the token")]
    } else {
      faults = []
    }
  }

  /// The faults of a token, the most certain first.
  public static func faults(
    _ reading: TokenReading, expected: TokenExpectation = TokenExpectation(), now: Date?
  ) -> [TokenFault] {
    let judge = TokenJudge(reading: reading, expected: expected, now: now)
    let all = judge.form + judge.encoding + judge.size + judge.place + judge.identity + judge.age
    return all.sorted { ($0.severity == .error ? 0 : 1, $0.slug) < ($1.severity == .error ? 0 : 1, $1.slug) }
  }

  static func masked(_ reason: String) -> TokenFault {
    TokenFault(
      .masked, reason,
      fix: """
        hand the token itself on: a URL object's text form and logs replace passwords, so pass the object (in \
        SQLAlchemy render_as_string(hide_password=False)) or the separate parameters
        """)
  }
}

extension String {
  /// Without white space at both ends.
  fileprivate var trimmed: Substring {
    let start = drop(while: \.isWhitespace)
    return start[..<(start.lastIndex { !$0.isWhitespace }.map { start.index(after: $0) } ?? start.startIndex)]
  }
}
