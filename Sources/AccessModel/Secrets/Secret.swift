/// A value that must never reach a screen, a log or a report: a password, a key, a session token.
///
/// Every generic way of turning a value into text (interpolation, `print`, `dump`, `String(reflecting:)`,
/// `Mirror`) sees only the word *redacted*. Reading the text takes a call that says so by name, which makes each
/// such place easy to find and to review.
public struct Secret: Sendable, Hashable {
  private let text: String

  /// Wraps a text that is from here on only readable through ``exposed``.
  public init(_ text: String) {
    self.text = text
  }

  /// The text itself. Every use is a place where the secret leaves the safe.
  public var exposed: String { text }

  /// Hands the text to `body` and returns what it makes of it.
  public func withExposed<Result, Failure: Error>(
    _ body: (String) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try body(text)
  }

  /// Whether there is no text at all: an empty password is a configuration mistake worth naming.
  public var isEmpty: Bool { text.isEmpty }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible {
  public var description: String { "(redacted)" }
  public var debugDescription: String { description }
}

extension Secret: CustomReflectable {
  /// A mirror without children, so that `dump` and reflecting encoders find nothing.
  public var customMirror: Mirror { Mirror(self, children: [], displayStyle: nil) }
}
