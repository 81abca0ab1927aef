internal import Postgres

/// An access control list, taken apart by the server (`aclexplode`).
struct AccessList: Sendable {
  struct Entry: Hashable, Sendable {
    /// Nil is PUBLIC.
    var grantee: Identifier?
    var privilege: String
    var grantable: Bool
  }

  var owner: String
  /// In the order of the list.
  var entries: [Entry]

  /// - Parameters:
  ///   - acl: the text of an `aclitem[]`; nil stands for the default of the kind.
  ///   - kind: the letter `acldefault` takes.
  static func read(_ acl: String?, kind: String, owner: String, _ session: Session) async throws -> AccessList
  {
    let list =
      acl == nil
      ? "acldefault('\(kind)'::\"char\", (SELECT oid FROM pg_roles WHERE rolname = $2::name))"
      : "$1::aclitem[]"
    let rows = try await session.query(
      """
      SELECT r.rolname, a.privilege_type, a.is_grantable FROM aclexplode(\(list)) WITH ORDINALITY
        AS a(grantor, grantee, privilege_type, is_grantable, position)
      LEFT JOIN pg_roles r ON r.oid = a.grantee
      WHERE $1::text IS NOT DISTINCT FROM $1::text AND $2::name IS NOT NULL ORDER BY position
      """, [acl, owner])
    var entries: [Entry] = []
    for row in 0..<rows.count {
      var grantee: Identifier?
      if let name = rows[row, 0] { grantee = try await session.identifier(name) }
      entries.append(Entry(grantee: grantee, privilege: rows.text(row, 1), grantable: rows.flag(row, 2)))
    }
    return AccessList(owner: owner, entries: entries)
  }
}

/// What has to be granted and revoked to get from one list to another.
struct AccessDifference: Sendable {
  var grants: [AccessList.Entry]
  var revokes: [AccessList.Entry]
  /// Entries that somebody else has made since.
  var kept: [AccessList.Entry]

  /// - Parameter grantedBySetup: roles whose additional entries are setup's own.
  init(from current: AccessList, to former: AccessList, grantedBySetup: Set<String>) {
    let had = Set(former.entries)
    let has = Set(current.entries)
    grants = former.entries.filter { !has.contains($0) }
    let extra = current.entries.filter { !had.contains($0) }
    let own = grantedBySetup.union([current.owner])
    revokes = extra.filter { own.contains($0.grantee?.name ?? "") }
    kept = extra.filter { !own.contains($0.grantee?.name ?? "") }
  }

  func statements(on clause: String, column: Identifier? = nil) -> [String] {
    revokes.map { Self.statement("REVOKE", $0, clause, column, "FROM") }
      + grants.map {
        Self.statement("GRANT", $0, clause, column, "TO") + ($0.grantable ? " WITH GRANT OPTION" : "")
      }
  }

  /// Everything revoked and granted again in the former order: dumps list privileges in the order of the list.
  static func rebuild(
    _ former: AccessList, instead current: AccessList, on clause: String, column: Identifier? = nil
  ) -> [String] {
    let part = column.map { " (\($0.quoted))" } ?? ""
    var seen: Set<String> = []
    let grantees = current.entries.map { $0.grantee?.quoted ?? "PUBLIC" }.filter { seen.insert($0).inserted }
    return grantees.map { "REVOKE ALL\(part) ON \(clause) FROM \($0)" }
      + former.entries.map {
        statement("GRANT", $0, clause, column, "TO") + ($0.grantable ? " WITH GRANT OPTION" : "")
      }
  }

  private static func statement(
    _ verb: String, _ entry: AccessList.Entry, _ clause: String, _ column: Identifier?, _ preposition: String
  ) -> String {
    let part = column.map { " (\($0.quoted))" } ?? ""
    return
      "\(verb) \(entry.privilege)\(part) ON \(clause) \(preposition) \(entry.grantee?.quoted ?? "PUBLIC")"
  }
}

extension ObjectFacts {
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
