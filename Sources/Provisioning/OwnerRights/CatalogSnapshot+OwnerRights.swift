internal import Postgres

extension CatalogSnapshot {
  /// Owner-rights objects that would do more for others as the new owner's than they do now.
  func powerChanges(_ request: SetupRequest) -> [(rights: OwnerRights, change: PowerChange)] {
    let moves = request.included.contains(.ownerRights)
    let leaving = moves ? [] : leftAlone
    return ownerRights.compactMap { rights in
      powerChange(rights, ownersInReach, moves: moves, leaving: leaving).map { (rights, $0) }
    }
  }

  /// Those that are the new owner's already and would do more for others once this run has moved the rest.
  func laterPowerChanges() -> [PowerChange] {
    let leaving = leftAlone
    return takenRights.compactMap { rights in
      var change = powerChange(rights, formerOwnersInReach, moves: true, leaving: leaving)
      change?.wasMoved = true
      return change
    }
  }

  /// What stays for what it does itself.
  private var leftAlone: Set<ObjectKey> {
    guard ownerRights.contains(where: { !$0.runsCode }) || takenRights.contains(where: { !$0.runsCode })
    else { return [] }
    return Set(
      ownerRights.lazy.filter { powerChange($0, ownersInReach, moves: false, leaving: []) != nil }.map {
        ObjectKey($0.object)
      })
  }

  private func powerChange(
    _ rights: OwnerRights, _ inReach: Set<String>, moves: Bool, leaving: Set<ObjectKey>
  ) -> PowerChange? {
    guard !inReach.contains(rights.object.owner), rights.isWithinReach else { return nil }
    let isOpen = rights.sources.contains {
      !inReach.contains($0.owner) && roles[$0.owner]?.isSuperuser != true
        && (!$0.moves || leaving.contains($0.object))
    }
    guard rights.runsCode || isOpen else { return nil }
    let gains = gains(rights)
    guard !gains.isEmpty else { return nil }
    return PowerChange(
      kind: rights.object.kind.rawValue, object: rights.object.display, oldOwner: rights.object.owner,
      newOwner: newOwner.name, means: rights.means, gains: gains, gainers: gainers(rights), moves: moves)
  }

  /// Owner-rights objects that are left where they are.
  func staying(_ request: SetupRequest) -> [ObjectKey: OwnerRights] {
    guard !request.included.contains(.ownerRights) else { return [:] }
    return Dictionary(
      powerChanges(request).map { (ObjectKey($0.rights.object), $0.rights) },
      uniquingKeysWith: { first, _ in first })
  }

  private func gains(_ rights: OwnerRights) -> [String] {
    guard rights.means == .query else { return ["everything that \(newOwner.display) may do"] }
    return rights.uses.filter { !$0.beyondOwner.isEmpty }.map {
      "\($0.beyondOwner.joined(separator: ", ")) on \($0.relation)"
    }
  }

  private func gainers(_ rights: OwnerRights) -> [String] {
    switch rights.means {
    case .maintenance, .refresh, .foreignKey: [rights.object.owner]
    case .query, .securityDefiner:
      rights.users.isEmpty ? [rights.object.owner] : rights.users.map { $0 ?? "PUBLIC" }
    }
  }

  /// Code on what moves whose author had less power than the new owner, in the order of the catalogs.
  func foreignCode() -> [AttachedCode] {
    attachedCode.filter { code in
      !ownersInReach.contains(code.codeOwner) && roles[code.codeOwner]?.isSuperuser != true
        && OwnershipStep.mayMove(owner: code.relationOwner, self)
    }
  }
}
