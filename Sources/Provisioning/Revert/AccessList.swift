internal import Postgres

/// An access control list, taken apart by the server (`aclexplode`).
struct AccessList: Sendable {
  struct Entry: Hashable, Sendable {
    var grantor: Identifier
    /// Nil is PUBLIC.
    var grantee: Identifier?
    var privilege: String
    var grantable: Bool
  }

  var owner: String
  /// In the order of the list, which is the order in which dumps show them.
  var entries: [Entry]

  /// Reads many lists at once.
  ///
  /// Each is the text of an `aclitem[]`, where nil stands for the default of the kind, with the letter that
  /// `acldefault` takes and the owner.
  static func read(
    _ lists: [(acl: String?, kind: String, owner: String)], _ session: Session
  ) async throws -> [AccessList] {
    var read = lists.map { AccessList(owner: $0.owner, entries: []) }
    let rows = try await session.query(
      """
      SELECT l.number, g.rolname, r.rolname, a.privilege_type, a.is_grantable
      FROM unnest($1::text[], $2::"char"[], $3::name[]) WITH ORDINALITY AS l(acl, kind, owner, number)
      CROSS JOIN LATERAL aclexplode(
        CASE WHEN l.acl = '{}' THEN NULL WHEN l.acl = '' THEN acldefault(l.kind, (SELECT oid FROM pg_roles o WHERE o.rolname = l.owner))
          ELSE l.acl::aclitem[] END)
        WITH ORDINALITY AS a(grantor, grantee, privilege_type, is_grantable, position)
      JOIN pg_roles g ON g.oid = a.grantor LEFT JOIN pg_roles r ON r.oid = a.grantee
      ORDER BY l.number, a.position
      """,
      [
        arrayLiteral(lists.map { $0.acl ?? "" }), arrayLiteral(lists.map(\.kind)),
        arrayLiteral(lists.map(\.owner)),
      ])
    for row in 0..<rows.count {
      var grantee: Identifier?
      if let name = rows[row, 2] { grantee = try await session.identifier(name) }
      read[rows.integer(row, 0) - 1].entries.append(
        Entry(
          grantor: try await session.identifier(rows.text(row, 1)), grantee: grantee,
          privilege: try ServerWords.capitals(rows.text(row, 3)),
          grantable: rows.flag(row, 4)))
    }
    return read
  }

  /// The list after a change of owner: the old owner's name becomes the new one's, and entries that are then of the
  /// same roles are merged, as PostgreSQL's `aclnewowner` does.
  func handedOver(to newOwner: Identifier) -> AccessList {
    var seen: Set<Entry> = []
    let renamed = entries.map { entry in
      var entry = entry
      if entry.grantor.name == owner { entry.grantor = newOwner }
      if entry.grantee?.name == owner { entry.grantee = newOwner }
      return entry
    }
    return AccessList(owner: newOwner.name, entries: renamed.filter { seen.insert($0).inserted })
  }

  /// Roles other than the owner that granted something.
  var otherGrantors: Set<Identifier> { Set(entries.map(\.grantor).filter { $0.name != owner }) }
}

extension AccessList {
  /// Entries of `current` that are neither in this list nor setup's own: somebody has made them since.
  func addedSince(_ current: AccessList, grantedBySetup: Set<String>) -> [Entry] {
    func key(_ entry: Entry) -> [String] { [entry.grantee?.quoted ?? "", entry.privilege] }
    let had = Set(entries.map(key))
    let own = grantedBySetup.union([current.owner])
    return current.entries.filter { entry in
      !had.contains(key(entry)) && !own.contains(entry.grantee?.name ?? "")
    }
  }

  /// Statements that make an object's list this one, whatever it is now (`current`): everything is revoked and
  /// granted again in the order of the list, each entry by the role that had granted it.
  func statements(
    instead current: AccessList, on clause: String, column: Identifier?, actingAs me: Identifier
  ) -> [String] {
    let part = column.map { " (\($0.quoted))" } ?? ""
    var seen: Set<String> = []
    let grantees = current.entries.map { $0.grantee?.quoted ?? "PUBLIC" }.filter { seen.insert($0).inserted }
    var statements = grantees.map { "REVOKE ALL\(part) ON \(clause) FROM \($0) CASCADE" }
    var remaining = entries
    var mayGrant: Set<String> = []
    while !remaining.isEmpty {
      // A grantor's own grant option comes first; a list whose grantors are missing is taken as it is.
      let next =
        remaining.firstIndex {
          $0.grantor.name == owner || mayGrant.contains($0.grantor.name + "/" + $0.privilege)
        } ?? 0
      let entry = remaining.remove(at: next)
      if entry.grantable, let grantee = entry.grantee {
        mayGrant.insert(grantee.name + "/" + entry.privilege)
      }
      let grant =
        "GRANT \(entry.privilege)\(part) ON \(clause) TO \(entry.grantee?.quoted ?? "PUBLIC")"
        + (entry.grantable && entry.grantee?.name != owner ? " WITH GRANT OPTION" : "")
      if entry.grantor.name == owner {
        statements.append(grant)
      } else {
        statements += ["SET LOCAL ROLE \(entry.grantor.quoted)", grant, "SET LOCAL ROLE \(me.quoted)"]
      }
    }
    return statements
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
