internal import AccessModel

/// A name of a database object together with the form that is safe inside SQL.
///
/// Made by `Session.identifier(_:)`.
public struct Identifier: Sendable, Hashable {
  /// The name as the catalog has it.
  public let name: String
  /// The name in double quotes, ready for SQL.
  public let quoted: String

  /// Pairs a name with its quoted form. Only `Session` and tests have reason to call this.
  public init(name: String, quoted: String) {
    self.name = name
    self.quoted = quoted
  }
}

extension Identifier {
  /// The name for people: bare when it needs no quotes, otherwise quoted, with control characters escaped so
  /// that a name can neither break a line nor drive a terminal.
  public var display: String { Self.display(name) }

  /// `display` of a name that has not been quoted.
  public static func display(_ name: String) -> String {
    let bare = name.unicodeScalars.enumerated().allSatisfy { offset, scalar in
      switch scalar {
      case "a"..."z", "_": true
      case "0"..."9", "$": offset > 0
      default: false
      }
    }
    if bare, !name.isEmpty, !SQLKeyword.needsQuotes(name) { return name }
    return "\"\(ShownText.line(name).replacing("\"", with: "\"\""))\""
  }
}
