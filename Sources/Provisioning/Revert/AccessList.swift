/// An access control list, taken apart: https://www.postgresql.org/docs/current/ddl-priv.html
struct AccessList: Sendable, Equatable {
  /// One privilege that one role has from another.
  struct Key: Hashable, Sendable {
    var grantor: String
    /// Nil is PUBLIC.
    var grantee: String?
    /// PostgreSQL's letter for the privilege.
    var privilege: Character
  }

  /// How much of a privilege somebody has.
  enum Level: Int, Comparable, Sendable {
    case none
    case plain
    /// With grant option.
    case grantable

    static func < (one: Level, other: Level) -> Bool { one.rawValue < other.rawValue }
  }

  struct Entry: Hashable, Sendable {
    var key: Key
    var level: Level
  }

  var owner: String
  /// In the order of the list, which is the order in which dumps show them.
  private(set) var entries: [Entry] = []

  init(owner: String) { self.owner = owner }

  subscript(key: Key) -> Level { entries.first { $0.key == key }?.level ?? .none }

  /// Gives at least this much.
  mutating func raise(_ key: Key, to level: Level) {
    if let index = entries.firstIndex(where: { $0.key == key }) {
      entries[index].level = max(entries[index].level, level)
    } else if level > .none {
      entries.append(Entry(key: key, level: level))
    }
  }

  /// Leaves at most this much.
  mutating func lower(_ key: Key, to level: Level) {
    guard let index = entries.firstIndex(where: { $0.key == key }) else { return }
    entries[index].level = min(entries[index].level, level)
    if entries[index].level == .none { entries.remove(at: index) }
  }

  /// Takes away what was granted by roles that can no longer grant it, as REVOKE … CASCADE does.
  ///
  /// - Parameter held: what else they have with grant option, on the whole table.
  mutating func cascade(held: Set<Key> = []) {
    while true {
      let options = held.union(entries.filter { $0.level == .grantable }.map(\.key))
      let rest = entries.filter { entry in
        entry.key.grantor == owner
          || options.contains {
            $0.grantee == entry.key.grantor && $0.privilege == entry.key.privilege
          }
      }
      guard rest.count < entries.count else { return }
      entries = rest
    }
  }

  /// The list after a change of owner: the old owner's name becomes the new one's, and entries that are then of the
  /// same roles are merged, as PostgreSQL's `aclnewowner` does.
  func handedOver(to newOwner: String) -> AccessList {
    guard newOwner != owner else { return self }
    var list = AccessList(owner: newOwner)
    for entry in entries { list.raise(entry.key.renamed(owner, newOwner), to: entry.level) }
    return list
  }

  /// Who has something from whom, in order: what dumps show a line of each for.
  var order: [[String]] {
    var seen: Set<[String]> = []
    return entries.map { [$0.key.grantor, $0.key.grantee ?? ""] }.filter { seen.insert($0).inserted }
  }

  /// Every role that the list names.
  var roles: Set<String> {
    Set(entries.map(\.key.grantor)).union(entries.compactMap(\.key.grantee)).union([owner])
  }
}

extension AccessList.Key {
  func renamed(_ old: String, _ new: String) -> Self {
    Self(
      grantor: grantor == old ? new : grantor, grantee: grantee == old ? new : grantee, privilege: privilege)
  }
}

extension AccessList {
  /// What objects of a kind have while nothing else has been granted: `acldefault`'s answer.
  ///
  /// - Parameter kind: the letter that `acldefault` takes.
  static func standard(_ kind: String, owner: String, version: Int) -> AccessList {
    let (everybody, ofOwner) =
      switch kind {
      case "r": ("", version >= 170_000 ? "arwdDxtm" : "arwdDxt")
      case "s": ("", "rwU")
      case "d": ("Tc", "CTc")
      case "f": ("X", "X")
      case "T": ("U", "U")
      case "n": ("", "UC")
      case "L": ("", "rw")
      case "S": ("", "U")
      default: ("", "")
      }
    var list = AccessList(owner: owner)
    for letter in everybody { list.raise(Key(grantor: owner, grantee: nil, privilege: letter), to: .plain) }
    for letter in ofOwner { list.raise(Key(grantor: owner, grantee: owner, privilege: letter), to: .plain) }
    return list
  }

  /// The letters of privileges by PostgreSQL's words for them.
  static let words: [Character: String] = [
    "a": "INSERT", "r": "SELECT", "w": "UPDATE", "d": "DELETE", "D": "TRUNCATE", "x": "REFERENCES",
    "t": "TRIGGER", "m": "MAINTAIN", "X": "EXECUTE", "U": "USAGE", "C": "CREATE", "T": "TEMPORARY",
    "c": "CONNECT",
  ]

  static func letter(_ word: String) -> Character? {
    words.first { $0.value == word.uppercased() }?.key
  }
}
