/// A name of a database object together with the form that is safe inside SQL.
///
/// Made by `Session.identifier(_:)`, so that libpq does the quoting with the connection's encoding.
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
    if bare, !name.isEmpty { return name }
    var shown = "\""
    for scalar in name.unicodeScalars {
      switch scalar {
      case "\n": shown += "\\n"
      case "\r": shown += "\\r"
      case "\t": shown += "\\t"
      case "\"": shown += "\"\""
      default:
        if scalar.properties.generalCategory == .control || scalar.properties.generalCategory == .format,
          scalar != "\u{200D}"
        {
          shown += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
          shown.unicodeScalars.append(scalar)
        }
      }
    }
    return shown + "\""
  }
}
