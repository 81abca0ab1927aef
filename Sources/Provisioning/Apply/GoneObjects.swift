internal import Postgres

/// Objects that have been dropped since the plan was made: nothing is left to be done with them.
struct GoneObjects {
  private let objects: Set<ObjectKey>
  /// Schemas in which something was to be given by default.
  private let schemas: Set<String>
  /// Objects that a notice names.
  private static let shown = 3

  /// Looks which of the changes' objects no longer exist. Where another one has the name, there is something to plan.
  static func read(_ changes: [Change], _ session: Session) async throws -> GoneObjects {
    let targets = changes.compactMap(\.action.target)
    let state = try await FormerState.read(targets, session)
    let gone = Dictionary(grouping: targets.filter { state.place(of: $0) == nil }, by: \.catalog)
    var objects: Set<ObjectKey> = []
    for (catalog, members) in gone {
      let taken = try await session.query(
        catalog.taken(schemas: "$1", names: "$2"),
        [arrayLiteral(members.map { $0.schema?.name ?? "" }), arrayLiteral(members.map(\.name.name))])
      let names = Set(taken.map { [taken.text($0, 0), taken.text($0, 1)] })
      objects.formUnion(
        members.lazy.filter { !names.contains([$0.schema?.name ?? "", $0.name.name]) }.map { ObjectKey($0) })
    }
    var schemas = Set(changes.compactMap(\.action.schemaOfDefaults))
    if !schemas.isEmpty {
      let rows = try await session.query(
        "SELECT nspname FROM pg_namespace WHERE nspname = ANY($1::name[])", [arrayLiteral(schemas)])
      schemas.subtract(rows.map { rows.text($0, 0) })
    }
    return GoneObjects(objects: objects, schemas: schemas)
  }

  func contains(_ change: Change) -> Bool {
    change.action.target.map { objects.contains(ObjectKey($0)) }
      ?? change.action.schemaOfDefaults.map(schemas.contains) ?? false
  }

  /// - Parameter changes: of which those are named whose objects are gone.
  func notices(_ changes: [Change]) -> [String] {
    let names = changes.filter(contains).map { "\($0.kind) \($0.object)" }
    guard !names.isEmpty else { return [] }
    let more = names.count > Self.shown ? " and \(names.count - Self.shown) more" : ""
    return ["\(names.prefix(Self.shown).joined(separator: ", "))\(more): dropped since the plan was made"]
  }
}

extension BatchOutcome {
  /// Counts what is gone as done.
  mutating func settle(_ gone: GoneObjects, of changes: [Change]) {
    let sizes = Dictionary(
      ChangeGroup.ranges(changes).map { (changes[$0.lowerBound].sql, $0.count) }, uniquingKeysWith: max)
    let ended = left.map(\.change).filter(gone.contains)
    done += ended.reduce(0) { $0 + (sizes[$1.sql] ?? 1) }
    left.removeAll { gone.contains($0.change) }
    notices += gone.notices(ended)
  }
}

extension Action {
  fileprivate var schemaOfDefaults: String? {
    if case .grantByDefault(let privilege, _) = self { privilege.schema?.name } else { nil }
  }
}

extension Transaction.Failure {
  /// The changes that stood in the way.
  var indices: [Int] {
    switch self {
    case .stale(let setAside): setAside.map(\.index)
    case .refused(let index, _), .blocked(let index, _): [index]
    case .busy, .tooLong, .lockTableFull, .guardFailed: []
    }
  }
}
