/// Changes that are made together or not at all: a change of owner and the grants that belong into its transaction.
enum ChangeGroup {
  /// The groups of a list of changes, as ranges of its indices.
  static func ranges(_ changes: [Change]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for (index, change) in changes.enumerated() {
      if change.followsPrevious, let last = ranges.last,
        changes[last.lowerBound].action.target?.oid == change.action.target?.oid
      {
        ranges[ranges.count - 1] = last.lowerBound..<(index + 1)
      } else {
        ranges.append(index..<(index + 1))
      }
    }
    return ranges
  }

  /// The changes but for the groups that begin at these indices.
  static func without(_ firsts: [Int], _ changes: [Change]) -> [Change] {
    guard !firsts.isEmpty else { return changes }
    let removed = Set(firsts)
    return ranges(changes).filter { !removed.contains($0.lowerBound) }.flatMap { changes[$0] }
  }
}
