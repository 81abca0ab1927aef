internal import Postgres

/// From whom earlier runs took what the new owner has, as far as a journal tells.
public struct JournaledMoves: Sendable {
  struct Move: Sendable {
    var from: String
    var to: String
  }

  private var moves: [ObjectKey: Move] = [:]
  private var grants: [ObjectKey: Set<String>] = [:]

  /// No journal, no moves.
  public init() {}

  init(_ records: [JournalRecord], database: String) {
    let last = records.lastIndex { $0.reverted?.database == database }.map { $0 + 1 } ?? 0
    for batch in records[last...].compactMap(\.batch) where batch.database == database {
      for change in batch.changes {
        guard let catalog = change.catalog, let oid = change.oid, let to = change.to else { continue }
        let key = ObjectKey(catalog: catalog, oid: oid)
        switch change.undo {
        case .owner: moves[key] = change.from.map { Move(from: $0, to: to) }
        case .access: grants[key, default: []].insert(to)
        default: break
        }
      }
    }
  }

  /// What changes that undo others give back, as if it was moved the other way.
  init(givenBackBy changes: [Change]) {
    for change in changes {
      guard let object = change.action.target else { continue }
      let key = ObjectKey(object)
      if case .alterOwner(_, let owner) = change.action {
        moves[key] = Move(from: owner.name, to: object.owner)
      }
      if let roles = change.wayBack?.grantedRoles { grants[key] = roles }
    }
  }

  /// Whose an object was before it became the new owner's; nil where the journal does not tell.
  func owner(of object: ObjectKey, before newOwner: String) -> String? {
    moves[object].flatMap { $0.to == newOwner ? $0.from : nil }
  }

  /// Whose everything was that became the new owner's.
  func taken(by newOwner: String) -> [ObjectKey: String] {
    moves.filter { $0.value.to == newOwner }.mapValues(\.from)
  }

  /// Setup itself has given the role privileges on the object.
  func granted(_ object: ObjectKey, to role: String) -> Bool { grants[object]?.contains(role) == true }
}

extension Journal {
  /// What earlier runs moved in a database, and has not been taken back.
  ///
  /// - Throws: `SetupProblem` when the file is not a journal.
  public static func moves(_ path: String, database: String) throws -> JournaledMoves {
    JournaledMoves(try records(path), database: database)
  }
}
