/// What setup had roles give to others with everything they create.
struct DefaultGrants: Sendable {
  /// Journaled default privileges.
  private let changes: [PastChange]

  init(_ changes: [PastChange]) {
    self.changes = changes.filter { $0.undo == .defaultPrivilege && $0.journaled.privilege?.revoked != true }
  }

  /// Roles whose new objects are concerned, as they are called today.
  var creators: Set<String> {
    Set(changes.compactMap { change in change.journaled.privilege.flatMap { change.roles.name($0.owner) } })
  }

  /// What has come with an object's creation: to whom, nil being PUBLIC, and which privileges by their letters.
  ///
  /// - Parameters:
  ///   - objects: what ALTER DEFAULT PRIVILEGES calls objects of its kind.
  ///   - creator: its owner then.
  ///   - number: of the first change that the journal has of it; what was granted by default after that came too late.
  func given(
    to objects: String?, _ oid: UInt32, in schema: String?, by creator: String, before number: Int = .max
  ) -> [(role: String?, letters: [Character])] {
    changes.compactMap { change in
      guard let privilege = change.journaled.privilege, privilege.objects == objects, change.number < number,
        privilege.schema == nil || privilege.schema == schema,
        change.roles.name(privilege.owner) == creator, privilege.existing?.contains(oid) != true
      else { return nil }
      let grantee = privilege.grantee.map(change.roles.role)
      if let grantee, grantee.name == nil { return nil }
      return (grantee?.name, PrivilegeWords.split(privilege.privilege).compactMap(AccessList.letter))
    }
  }
}

extension AccessList {
  /// The list without what the owner gave by default. What has been given with grant option was given since.
  func without(_ given: [(role: String?, letters: [Character])]) -> AccessList {
    var list = self
    for (role, letters) in given {
      for letter in letters {
        let key = Key(grantor: owner, grantee: role, privilege: letter)
        if list[key] == .plain { list.lower(key, to: .none) }
      }
    }
    return list
  }
}

extension ObjectKind {
  /// What ALTER DEFAULT PRIVILEGES calls it.
  var defaultsKeyword: String? {
    switch self {
    case .table, .view, .materializedView, .foreignTable: "TABLES"
    case .sequence: "SEQUENCES"
    case .function, .procedure, .aggregate: "FUNCTIONS"
    case .type, .domain: "TYPES"
    case .schema: "SCHEMAS"
    default: nil
    }
  }
}
