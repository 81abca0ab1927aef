internal import AccessModel

/// Why setup does not go on: what happened, why, and what to do next.
public struct SetupProblem: Error, Sendable, CustomStringConvertible {
  public enum Kind: Sendable {
    /// The command line, or a file it names, has to change (exit status 64).
    case usage
    /// The server's state does not allow it, or something failed (exit status 1).
    case refused
  }

  public var kind: Kind
  public var id: String
  public var message: String
  public var why: String?
  public var fix: String?

  public init(_ kind: Kind, _ id: String, _ message: String, why: String? = nil, fix: String? = nil) {
    self.kind = kind
    self.id = id
    self.message = message
    self.why = why
    self.fix = fix
  }

  public var description: String {
    [message, why.map { "why: \($0)" }, fix.map { "fix: \($0)" }].compactMap { $0 }
      .map { ShownText.lines($0).replacing("\n", with: "\n    ") }.joined(separator: "\n  ")
  }
}
