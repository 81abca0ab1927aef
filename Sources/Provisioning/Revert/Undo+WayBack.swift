internal import Postgres

extension Undo {
  /// What a journal knows of an object, in today's names.
  ///
  /// - Parameters:
  ///   - sequences: those that follow the object and that setup granted something on.
  ///   - gone: roles that no longer exist are added.
  func wayBack(
    _ way: Way, _ sequences: [(oid: UInt32, way: Way)], _ object: ObjectFacts, _ gone: inout Set<String>
  ) throws -> WayBack {
    var missing: Set<String> = []
    let oldest = way.changes.last
    // An owner that is gone still tells its entries from others': whoever takes its place gets them.
    let owner = (oldest?.from).map { $0.name ?? $0.journaled } ?? object.owner
    func list(_ text: String, _ roles: JournaledRoles) throws -> AccessList {
      let list = AccessList(text, owner: owner) { name in
        if name == oldest?.from?.journaled { return owner }
        let today = roles.name(name)
        if today == nil { missing.insert(name) }
        return today
      }
      guard let list else {
        throw SetupProblem(
          .usage, "journal-damaged",
          "the journal's privileges of \(object.kind.rawValue) \(object.display) are no list of privileges",
          fix: "restore the file from a copy; nothing was changed")
      }
      return list
    }
    var back = WayBack(owner: owner)
    back.steps = way.changes.reversed().compactMap { step($0, object.aclKind) }
    if let access = way.access, let roles = oldest?.roles {
      // What came with its creation is no part of how it was without setup.
      func without(_ list: AccessList, _ objects: String?, _ oid: UInt32) -> AccessList {
        list.without(
          grants.given(
            to: objects, oid, in: object.schema?.name, by: owner, before: oldest?.number ?? .min))
      }
      back.access[.object] = try access.acl.map {
        without(try list($0, roles), object.kind.defaultsKeyword, object.oid)
      }
      for (name, text) in access.columns ?? [:] { back.access[.column(name)] = try list(text, roles) }
      for (oid, text) in access.sequences ?? [:] {
        if let oid = UInt32(oid) {
          back.access[.sequence(oid)] = without(try list(text, roles), "SEQUENCES", oid)
        }
      }
    }
    for (oid, granted) in sequences {
      let moves = way.changes.filter { $0.undo == .owner }
      if let first = granted.changes.last, first.number < oldest?.number ?? .min {
        // The table was locked then, and moved later.
        back.access[.sequence(oid)] = try granted.access?.acl.map { try list($0, first.roles) }
      }
      back.sequenceSteps[oid] = (moves + granted.changes)
        .sorted { $0.number < $1.number }.compactMap { step($0, "s") }
    }
    gone.formUnion(missing)
    return back
  }

  private func step(_ change: PastChange, _ kind: String) -> WayBack.Step? {
    guard let role = change.to?.name else { return nil }
    guard change.undo == .access else { return .owner(role) }
    guard let words = change.journaled.privileges, words != "ALL" else {
      let all = AccessList.standard(kind, owner: role, version: server.version)
      return .grant(
        role: role,
        letters: kind == "d" && change.journaled.privileges == nil
          ? ["c"] : all.entries.filter { $0.key.grantee != nil }.map(\.key.privilege))
    }
    let letters = words.split(separator: ",").compactMap {
      AccessList.letter($0.split(separator: " ").joined(separator: " "))
    }
    return .grant(role: role, letters: letters)
  }
}
