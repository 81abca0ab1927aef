public import AccessModel

/// One half of a pair of keys without the other.
public struct IncompleteCredentials: ConfigurationError, Hashable {
  /// Where: `the environment`, or a file and line.
  public let place: String
  public let present: String
  public let missing: String

  public var description: String {
    "\(place) has \(present) but not \(missing); set both, or neither"
  }
}

/// A credential that cannot be one. The value itself is never repeated.
public struct MalformedCredential: ConfigurationError, Hashable {
  public enum Problem: Sendable, Hashable {
    /// White space inside or around a key: a signature made with it is refused without a word about the reason.
    case whiteSpace
    /// Not a point in time. The text is shown: it is no secret.
    case date(String)
  }

  public let place: String
  public let name: String
  public let problem: Problem

  public var description: String {
    switch problem {
    case .whiteSpace:
      "\(name) in \(place) contains white space, which no AWS key has; was a line break copied with it?"
    case .date(let text):
      "\(name) in \(place) is “\(text)”, which is not a time like 2024-01-02T03:04:05Z"
    }
  }
}
