/// Brings a list back to what it was, with all that others have changed in it since.
///
/// Three lists tell that apart: how it was, what setup has made of it, and how it is.
struct AccessMerge {
  /// What it has to become.
  let wanted: AccessList
  /// What the change of owner alone makes of it.
  let handedBack: AccessList
  /// What others have given since, as it is now.
  private(set) var added: [AccessList.Entry] = []
  /// What others have taken since, of what it was.
  private(set) var removed: [AccessList.Entry] = []

  /// - Parameters:
  ///   - former: how it was, with today's names.
  ///   - steps: what setup did to it, oldest first.
  ///   - current: how it is.
  ///   - owner: who is to own it.
  init(former: AccessList, steps: [WayBack.Step], current: AccessList, owner: String) {
    // Privileges that an entry of the former list has become.
    var carriers = former.entries.map(\.key)
    var expected = former
    func hand(to newOwner: String) {
      carriers = carriers.map { $0.renamed(expected.owner, newOwner) }
      expected = expected.handedOver(to: newOwner)
    }
    for step in steps {
      switch step {
      case .owner(let name): hand(to: name)
      case .grant(let role, let letters):
        for letter in letters {
          expected.raise(
            .init(grantor: expected.owner, grantee: role, privilege: letter), to: .plain)
        }
      }
    }
    hand(to: current.owner)
    handedBack = current.handedOver(to: owner)
    var wanted = former.handedOver(to: owner)
    for (entry, carrier) in zip(former.entries, carriers) {
      var level = entry.level
      // What a former owner kept was granted to it by setup, and may have been taken from it there.
      let own = AccessList.Key(
        grantor: current.owner, grantee: former.owner, privilege: carrier.privilege)
      for key in [carrier] + (entry.key.grantee == former.owner ? [own] : [])
      where current[key] < expected[key] {
        level = min(level, current[key])
      }
      guard level < entry.level else { continue }
      removed.append(entry)
      wanted.lower(entry.key.renamed(former.owner, owner), to: level)
    }
    for entry in current.entries where entry.level > expected[entry.key] {
      let key = entry.key.renamed(current.owner, owner)
      if wanted[key] < entry.level { added.append(entry) }
      wanted.raise(key, to: entry.level)
    }
    self.wanted = wanted
  }

  var isOthersWork: Bool { !added.isEmpty || !removed.isEmpty }
}
