internal import Postgres
internal import Provisioning

/// Many changes of one step in few lines: those alike are counted, and the first of them named.
struct ChangeSummary {
  /// Changes of a step up to which each has a line of its own.
  static let limit = 50
  /// Names that stand for a group.
  static let named = 3

  struct Group {
    var changes: [Change]
    /// `in public`, `in 12 schemas`; empty where schemas have nothing to do with it.
    var place: String
    /// How many owners they have now.
    var owners: Int
  }

  /// What changes of one group have in common.
  private struct Kind: Hashable {
    var sign: Change.Sign
    var kind: String
    var target: ObjectKind?
    var schema: String?
    var from, to: String?
  }

  let groups: [Group]

  /// Groups by schema, kind and owner; where that would be too many lines, only by kind and owner, or by kind.
  init(_ changes: some Sequence<Change>) {
    let changes = Array(changes)
    var groups: [Group] = []
    for (bySchema, byOwner) in [(true, true), (false, true), (false, false)] {
      groups = Self.groups(changes, bySchema: bySchema, byOwner: byOwner)
      if groups.count <= Self.limit { break }
    }
    self.groups = groups
  }

  private static func groups(_ changes: [Change], bySchema: Bool, byOwner: Bool) -> [Group] {
    var positions: [Kind: Int] = [:]
    var groups: [[Change]] = []
    for change in changes {
      let kind = Kind(
        sign: change.sign, kind: change.kind, target: change.action.target?.kind,
        schema: bySchema ? change.action.target?.schema?.display : nil, from: byOwner ? change.from : nil,
        to: change.to)
      if let position = positions[kind] {
        groups[position].append(change)
      } else {
        positions[kind] = groups.count
        groups.append([change])
      }
    }
    return groups.map { Group(changes: $0, place: place($0), owners: Set($0.compactMap(\.from)).count) }
  }

  private static func place(_ changes: [Change]) -> String {
    let schemas = Set(changes.compactMap { $0.action.target?.schema?.display })
    switch schemas.count {
    case 0: return ""
    case 1: return " in \(schemas.first ?? "")"
    case let count: return " in \(count) schemas"
    }
  }

  /// `a, b, c and 7 more`.
  static func names(_ names: some Collection<String>) -> String {
    let first = names.prefix(named).joined(separator: ", ")
    return names.count > named ? "\(first) and \(names.count - named) more" : first
  }
}
