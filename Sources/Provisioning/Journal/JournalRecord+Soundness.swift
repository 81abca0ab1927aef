extension JournalRecord {
  /// Whether it is one record, of values that setup writes.
  ///
  /// None of them becomes part of a statement unquoted. What is no number or no list of privileges would only be refused by
  /// the server in the middle of a revert.
  var isSound: Bool {
    [begin != nil, batch != nil, reverted != nil].count { $0 } == 1
      && batch.map { Int64($0.transaction).map { $0 >= 0 } == true && $0.changes.allSatisfy(\.isSound) }
        ?? true
      && reverted.map { ($0.kept ?? []).allSatisfy(\.isSound) } ?? true
      && begin.map { (0...65_535).contains($0.port) } ?? true
  }
}

extension JournaledChange {
  fileprivate var isSound: Bool {
    switch undo {
    case .owner: catalog != nil && oid != nil && from != nil && to != nil && hasSoundAccess
    case .access: catalog != nil && oid != nil && hasSoundAccess
    case .dropRole: role != nil && roleOID != nil
    case .revokeRole, .ended: role != nil && member != nil
    case .loginRole: member != nil && to != nil
    case .defaultPrivilege: privilege != nil
    }
  }

  private var hasSoundAccess: Bool {
    guard let access else { return true }
    let lists =
      [access.acl].compactMap { $0 } + (access.columns ?? [:]).values + (access.sequences ?? [:]).values
    return lists.allSatisfy(AccessListText.isSound)
      && (access.sequences ?? [:]).keys.allSatisfy { UInt32($0) != nil }
  }
}
