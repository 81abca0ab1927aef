internal import Postgres

/// Works out, before anything is locked, the statements that bring access privileges back to what a journal says
/// they were.
///
/// A change of owner renames the owner's entries, so most privileges are right again by themselves. What a
/// merge of entries swallowed is granted anew; what setup granted is revoked; what somebody else has granted or
/// revoked since stays so, with a notice.
struct AccessRestoration {
  let session: Session

  struct Outcome {
    /// What follows a change, by its index.
    var statements: [Int: [String]] = [:]
    var notices: [String] = []
    /// Roles in whose name something has to be granted or revoked.
    var grantors: Set<Identifier> = []
  }

  /// What becomes of one list.
  private struct List {
    var index: Int
    var change: Change
    var part: WayBack.Part
    var clause: String
    var column: Identifier?
    var merge: AccessMerge
    /// Nothing had been granted: how equal entries are ordered does not show.
    var wasStandard: Bool
  }

  func plan(_ changes: [Change], _ state: FormerState) async throws -> Outcome {
    var outcome = Outcome()
    let lists = try await lists(changes, state)
    guard !lists.isEmpty else { return outcome }
    var names: [String: Identifier] = [:]
    for name in Set(lists.flatMap { $0.merge.wanted.roles.union($0.merge.handedBack.roles) }) {
      names[name] = try await session.identifier(name)
    }
    let me = try await session.identifier(session.user)
    var tables: [Int: AccessMerge] = [:]
    var renewed: Set<Int> = []
    for list in lists {
      outcome.notices += notices(list)
      var builder = AccessStatements(
        clause: list.clause, column: list.column, owner: list.merge.wanted.owner, me: me, names: names)
      var current = list.merge.handedBack
      let wanted = list.merge.wanted
      if case .column = list.part, let table = tables[list.index] {
        builder.held = Set(table.wanted.entries.filter { $0.level == .grantable }.map(\.key))
        var isLowered = false
        // To revoke a table's privileges revokes its columns' as well.
        for entry in current.entries {
          if renewed.contains(list.index) {
            current.lower(entry.key, to: .none)
          } else if table.wanted[entry.key] < table.handedBack[entry.key] {
            current.lower(entry.key, to: table.wanted[entry.key])
            isLowered = true
          }
        }
        if isLowered { current.cascade(held: builder.held) }
      }
      if list.part == .object { tables[list.index] = list.merge }
      let isSame = Set(wanted.entries) == Set(current.entries)
      if isSame, list.wasStandard || list.merge.isOthersWork || wanted.order == current.order { continue }
      let statements: [String]
      if list.merge.isOthersWork || list.wasStandard || wanted.order == current.after(wanted).order {
        statements = builder.difference(from: current, to: wanted)
      } else {
        statements = builder.anew(instead: current, wanted)
        if list.part == .object { renewed.insert(list.index) }
      }
      let grantors = (wanted.entries + current.entries).map(\.key.grantor).filter { $0 != wanted.owner }
      for name in Set(grantors) where statements.contains("SET LOCAL ROLE \(names[name]?.quoted ?? "")") {
        if let grantor = names[name] { outcome.grantors.insert(grantor) }
      }
      outcome.statements[list.index, default: []] += statements
    }
    return outcome
  }

  private func notices(_ list: List) -> [String] {
    func notice(_ entries: [AccessList.Entry], _ end: String) -> [String] {
      entries.map { entry in
        let words = AccessList.words[entry.key.privilege] ?? String(entry.key.privilege)
        let role = entry.key.grantee.map(Identifier.display) ?? "PUBLIC"
        return "\(list.change.kind) \(list.change.object): \(words) of \(role) was \(end)"
      }
    }
    return notice(list.merge.added, "granted since and stays")
      + notice(list.merge.removed, "revoked since and stays revoked")
  }

  private func lists(_ changes: [Change], _ state: FormerState) async throws -> [List] {
    var lists: [List] = []
    let sequences = try await clauses(changes, state)
    let columns = try await columns(changes, state)
    for (index, change) in changes.enumerated() {
      guard let way = change.wayBack, let object = change.action.target, let owner = state.owner(of: object)
      else { continue }
      let current = state.access(of: object) ?? FormerAccess()
      var after = owner
      if case .alterOwner(_, let role) = change.action { after = role.name }
      func add(_ part: WayBack.Part, _ text: String?, _ kind: String, _ clause: String, _ column: Identifier?)
        throws
      {
        guard text != nil || way.access[part] != nil else { return }
        let standard = AccessList.standard(kind, owner: owner, version: session.serverVersion)
        guard let now = text.map({ AccessList($0, owner: owner, name: { $0 }) }) ?? standard else {
          throw SetupProblem(
            .refused, "access-list-unreadable",
            "\(change.kind) \(change.object): its access privileges cannot be read")
        }
        let former =
          way.access[part]
          ?? AccessList.standard(kind, owner: way.owner, version: session.serverVersion)
        let merge = AccessMerge(former: former, steps: way.steps(of: part), current: now, owner: after)
        lists.append(
          List(
            index: index, change: change, part: part, clause: clause, column: column, merge: merge,
            wasStandard: way.access[part] == nil))
      }
      try add(.object, current.acl, object.aclKind, object.grantClause, nil)
      for name in columns[object.oid]?.sorted() ?? [] where object.catalog == .relation {
        try add(
          .column(name), current.columns?[name], "c", object.grantClause, try await session.identifier(name))
      }
      for oid in way.sequences(current).sorted() {
        guard let clause = sequences[oid] else { continue }
        try add(.sequence(oid), current.sequences?[String(oid)], "s", clause, nil)
      }
    }
    return lists
  }

  /// Columns with privileges, now or before, that still exist.
  private func columns(_ changes: [Change], _ state: FormerState) async throws -> [UInt32: Set<String>] {
    var columns: [UInt32: Set<String>] = [:]
    var tables: Set<UInt32> = []
    for change in changes {
      guard let way = change.wayBack, let object = change.action.target, object.catalog == .relation else {
        continue
      }
      columns[object.oid] = Set((state.access(of: object)?.columns ?? [:]).keys)
      if way.access.keys.contains(where: { if case .column = $0 { true } else { false } }) {
        tables.insert(object.oid)
      }
    }
    guard !tables.isEmpty else { return columns }
    let rows = try await session.query(
      """
      SELECT attrelid, attname FROM pg_attribute
      WHERE attrelid = ANY($1::oid[]) AND attnum > 0 AND NOT attisdropped
      """, [oidArrayLiteral(tables)])
    var existing: [UInt32: Set<String>] = [:]
    for row in 0..<rows.count {
      existing[UInt32(rows.text(row, 0)) ?? 0, default: []].insert(rows.text(row, 1))
    }
    for change in changes {
      guard let way = change.wayBack, let object = change.action.target, object.catalog == .relation else {
        continue
      }
      for case .column(let name) in way.access.keys where existing[object.oid]?.contains(name) == true {
        columns[object.oid, default: []].insert(name)
      }
    }
    return columns
  }

  /// Sequences that follow their tables, as GRANT names them.
  private func clauses(_ changes: [Change], _ state: FormerState) async throws -> [UInt32: String] {
    var wanted: Set<UInt32> = []
    for change in changes {
      guard let way = change.wayBack, let object = change.action.target else { continue }
      wanted.formUnion(way.sequences(state.access(of: object) ?? FormerAccess()))
    }
    guard !wanted.isEmpty else { return [:] }
    let rows = try await session.query(
      """
      SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.oid = ANY($1::oid[])
      """, [oidArrayLiteral(wanted)])
    var clauses: [UInt32: String] = [:]
    for row in 0..<rows.count {
      let schema = try await session.identifier(rows.text(row, 1))
      let name = try await session.identifier(rows.text(row, 2))
      clauses[UInt32(rows.text(row, 0)) ?? 0] = "SEQUENCE \(schema.quoted).\(name.quoted)"
    }
    return clauses
  }
}

extension WayBack {
  /// Sequences that follow the object and have or had privileges of their own.
  fileprivate func sequences(_ current: FormerAccess) -> Set<UInt32> {
    var oids = Set((current.sequences ?? [:]).keys.compactMap { UInt32($0) })
    for case .sequence(let oid) in access.keys { oids.insert(oid) }
    return oids
  }
}

extension AccessList {
  /// The order that statements of a difference lead to: what stays, then what is granted.
  fileprivate func after(_ wanted: AccessList) -> AccessList {
    var list = self
    for entry in entries { list.lower(entry.key, to: wanted[entry.key]) }
    for entry in wanted.entries { list.raise(entry.key, to: entry.level) }
    return list
  }
}

extension ObjectFacts {
  /// The object after GRANT … ON. Aggregates are named by their arguments' types alone there.
  var grantClause: String {
    var name = sql
    if kind == .aggregate {
      let arguments = suffix == "(*)" ? "()" : suffix.split(separator: " ORDER BY ").joined(separator: ", ")
      name =
        String(sql.dropLast(suffix.count))
        + (arguments.hasPrefix("(ORDER BY ") ? "(" + arguments.dropFirst(10) : arguments)
    }
    return "\(kind.grantKeyword ?? kind.keyword) \(name)"
  }

  /// The letter `acldefault` takes for this kind of object.
  var aclKind: String {
    switch catalog {
    case .relation: kind == .sequence ? "s" : "r"
    case .routine: "f"
    case .namespace: "n"
    case .database: "d"
    case .largeObject: "L"
    case .foreignServer: "S"
    default: "T"
    }
  }
}
