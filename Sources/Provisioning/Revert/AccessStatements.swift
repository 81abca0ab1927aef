internal import Postgres

/// The statements that make one access list another.
///
/// Each grant is made by the role that had made it: those of the owner by whoever acts for the owner.
struct AccessStatements {
  /// The object after GRANT … ON.
  let clause: String
  let column: Identifier?
  let owner: String
  /// Who runs the statements.
  let me: Identifier
  let names: [String: Identifier]
  /// What may be granted because the whole table may.
  var held: Set<AccessList.Key> = []

  /// Only what differs.
  func difference(from current: AccessList, to wanted: AccessList) -> [String] {
    let gone = current.entries.filter { wanted[$0.key] < $0.level }
    let removals = gone.filter { $0.key.grantor != owner } + gone.filter { $0.key.grantor == owner }
    var left = current
    for entry in gone { left.lower(entry.key, to: wanted[entry.key]) }
    left.cascade(held: held)
    return runs(removals.map { AccessList.Entry(key: $0.key, level: wanted[$0.key]) }, revoking: true)
      + grants(wanted.entries.filter { $0.level > left[$0.key] }, having: wanted)
  }

  /// Everything anew, in the order of the list.
  func anew(instead current: AccessList, _ wanted: AccessList) -> [String] {
    var seen: Set<String> = []
    let grantees = current.entries.map { role($0.key.grantee) }.filter { seen.insert($0).inserted }
    let part = column.map { " (\($0.quoted))" } ?? ""
    return grantees.map { "REVOKE ALL\(part) ON \(clause) FROM \($0) CASCADE" }
      + grants(wanted.entries, having: AccessList(owner: owner))
  }

  /// A grantor's own grant option comes first; a list whose grantors are missing is taken as it is.
  private func grants(_ entries: [AccessList.Entry], having list: AccessList) -> [String] {
    var remaining = entries
    var ordered: [AccessList.Entry] = []
    var options = held.union(list.entries.filter { $0.level == .grantable }.map(\.key))
    for entry in entries { options.remove(entry.key) }
    while !remaining.isEmpty {
      let next =
        remaining.firstIndex { entry in
          entry.key.grantor == owner
            || options.contains {
              $0.grantee == entry.key.grantor && $0.privilege == entry.key.privilege
            }
        } ?? 0
      let entry = remaining.remove(at: next)
      if entry.level == .grantable { options.insert(entry.key) }
      ordered.append(entry)
    }
    return runs(ordered, revoking: false)
  }

  /// One statement for neighbours that differ in nothing but the privilege.
  private func runs(_ entries: [AccessList.Entry], revoking: Bool) -> [String] {
    var runs: [[AccessList.Entry]] = []
    for entry in entries {
      if let last = runs.last?.last, last.key.grantor == entry.key.grantor,
        last.key.grantee == entry.key.grantee, last.level == entry.level
      {
        runs[runs.count - 1].append(entry)
      } else {
        runs.append([entry])
      }
    }
    return runs.flatMap { run in
      let statement = revoking ? revoke(run) : grant(run)
      guard run[0].key.grantor != owner, let grantor = names[run[0].key.grantor] else { return [statement] }
      return ["SET LOCAL ROLE \(grantor.quoted)", statement, "SET LOCAL ROLE \(me.quoted)"]
    }
  }

  private func grant(_ run: [AccessList.Entry]) -> String {
    let option = run[0].level == .grantable && run[0].key.grantee != owner ? " WITH GRANT OPTION" : ""
    return "GRANT \(privileges(run)) ON \(clause) TO \(role(run[0].key.grantee))\(option)"
  }

  private func revoke(_ run: [AccessList.Entry]) -> String {
    let option = run[0].level == .plain ? "GRANT OPTION FOR " : ""
    return "REVOKE \(option)\(privileges(run)) ON \(clause) FROM \(role(run[0].key.grantee)) CASCADE"
  }

  private func privileges(_ run: [AccessList.Entry]) -> String {
    let part = column.map { " (\($0.quoted))" } ?? ""
    return run.compactMap { AccessList.words[$0.key.privilege] }.map { $0 + part }.joined(separator: ", ")
  }

  private func role(_ name: String?) -> String {
    name.flatMap { names[$0]?.quoted } ?? "PUBLIC"
  }
}
