internal import AccessModel

/// Where names without a schema lead.
struct SearchPath: Sendable, Equatable {
  /// What has been set for the login; nil: nothing.
  var setting: String?
  /// What holds where nothing has been set.
  var standard: String
  /// There is a schema of the login's own name.
  var hasOwnSchema: Bool

  /// The schemas of a list as the server keeps it: `SplitIdentifierString` in PostgreSQL's sources.
  static func schemas(_ list: String) -> [String] {
    var schemas: [String] = []
    var name = ""
    var isQuoted = false
    var characters = list.unicodeScalars[...]
    while let scalar = characters.popFirst() {
      switch scalar {
      case "\"" where isQuoted && characters.first == "\"":
        name.unicodeScalars.append("\"")
        characters.removeFirst()
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        schemas.append(name)
        name = ""
      case " " where !isQuoted: break
      default: name += isQuoted ? String(scalar) : String(scalar).lowercased()
      }
    }
    return (schemas + [name]).filter { !$0.isEmpty }
  }

  /// What a login finds, with its own name in the place of `$user`.
  func schemas(of login: String) -> [String] {
    Self.schemas(setting ?? standard).compactMap { $0 != "$user" ? $0 : hasOwnSchema ? login : nil }
  }
}
