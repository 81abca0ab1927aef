internal import AccessModel
internal import Postgres

extension OwnershipStep {
  /// Says of every owner-rights object what a move changes; returns those that stay.
  static func judge(
    _ snapshot: CatalogSnapshot, _ request: SetupRequest, in outcome: inout StepOutcome
  ) -> [ObjectKey: PowerChange] {
    var staying: [ObjectKey: PowerChange] = [:]
    for (rights, change) in snapshot.powerChanges(request) {
      let key = ObjectKey(rights.object)
      guard staying[key] == nil else { continue }
      outcome.powerChanges.append(change)
      if change.moves {
        outcome.guards.append(
          Guard(
            "owner-rights", .warn, "\(change.kind) \(change.object): \(change.summary)",
            fix: "leave out --include owner-rights, and it stays with \(Identifier.display(change.oldOwner))")
        )
      } else {
        staying[key] = change
      }
    }
    for change in snapshot.laterPowerChanges() {
      outcome.powerChanges.append(change)
      outcome.guards.append(
        Guard(
          "owner-rights", request.included.contains(.ownerRights) ? .warn : .fail,
          "\(change.kind) \(change.object), which an earlier run moved: \(change.summary)",
          fix:
            "setup revert, then move its schema and these in one run (--schema for each), in which it stays with "
            + "\(Identifier.display(change.oldOwner)); or accept it: --include owner-rights"))
    }
    outcome.foreignCode = snapshot.foreignCode()
    return staying
  }

  /// Why an owner-rights object stays, and how it moves all the same.
  static func skip(_ object: ObjectFacts, _ change: PowerChange) -> SkippedObject {
    SkippedObject(
      kind: change.kind, object: change.object, reason: change.summary,
      fix:
        "to move it all the same: --include owner-rights; to make \(Identifier.display(change.oldOwner)) a member of "
        + "\(Identifier.display(change.newOwner)) as well: \(ShellText.option("--keep-access", change.oldOwner))"
    )
  }
}

extension PowerChange {
  /// What would be different, in one clause.
  var summary: String {
    let old = Identifier.display(oldOwner)
    let new = Identifier.display(newOwner)
    let who = gainers.map { $0 == "PUBLIC" ? $0 : Identifier.display($0) }.joined(separator: ", ")
    let what = gains.joined(separator: "; ")
    switch means {
    case .query:
      return "it reads and writes as its owner: with it \(who) would get \(what), which \(old) has not"
    case .securityDefiner:
      return "SECURITY DEFINER: \(who) would run code of \(old) as \(new), with \(what)"
    case .refresh:
      return
        "REFRESH would run functions that its query leads to, code that \(old) chose, as \(new), with \(what)"
    case .maintenance:
      return
        "ANALYZE and REINDEX would run functions that its indexes lead to, code that \(old) chose, as \(new), with \(what)"
    case .foreignKey:
      return
        "foreign keys would run its triggers, defaults, checks or casts, code that \(old) chose, as \(new), with \(what)"
    }
  }
}
