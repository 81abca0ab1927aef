internal import Postgres

/// What is created while a move is in progress: tables and sequences of a role that keeps access are the new owner's to
/// use, and, where such a role is no member of it, the new owner's are that role's.
struct NewObjects {
  let snapshot: CatalogSnapshot
  let request: SetupRequest

  /// Who creates, and what it gives; without what it gives already.
  var privileges: [(creator: Identifier, privilege: CatalogSnapshot.DefaultPrivilege)] {
    request.keepAccess.compactMap { snapshot.roles[$0]?.identifier }.flatMap { role in
      // Members of an owner role need nothing: what it creates is theirs.
      given(by: role, to: snapshot.newOwner)
        + (request.mode == .direct ? given(by: snapshot.newOwner, to: role) : [])
    }
  }

  private func given(
    by creator: Identifier, to user: Identifier
  ) -> [(Identifier, CatalogSnapshot.DefaultPrivilege)] {
    let existing = snapshot.defaultPrivileges.filter { $0.owner == creator.name }
    return snapshot.schemas.flatMap { schema in
      ["TABLES", "SEQUENCES", "FUNCTIONS", "TYPES"].compactMap { objects in
        let here = existing.filter { $0.objects == objects }
        // Functions and types are everybody's, unless their creator has it otherwise.
        guard objects == "TABLES" || objects == "SEQUENCES" || here.contains(where: \.revoked) else {
          return nil
        }
        let words = PrivilegeWords.all(on: objects, version: snapshot.server.version).filter { word in
          !here.contains {
            !$0.revoked && $0.privilege == word && $0.grantee?.name == user.name
              && ($0.schema == nil || $0.schema?.name == schema.identifier.name)
          }
        }
        guard !words.isEmpty else { return nil }
        return (
          creator,
          .init(
            owner: creator.name, schema: schema.identifier, objects: objects,
            privilege: PrivilegeWords.joined(words), grantee: user, grantable: false)
        )
      }
    }
  }
}

/// The privileges that objects of a kind have, as ALTER DEFAULT PRIVILEGES calls both:
/// https://www.postgresql.org/docs/current/ddl-priv.html
enum PrivilegeWords {
  static func all(on objects: String, version: Int) -> [String] {
    switch objects {
    case "TABLES":
      ["DELETE", "INSERT"] + (version >= 170_000 ? ["MAINTAIN"] : [])
        + ["REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"]
    case "SEQUENCES": ["SELECT", "UPDATE", "USAGE"]
    case "FUNCTIONS": ["EXECUTE"]
    case "TYPES": ["USAGE"]
    default: []
    }
  }

  static func joined(_ words: [String]) -> String { words.joined(separator: ", ") }

  static func split(_ words: String) -> [String] {
    words.split(separator: ",").map { $0.split(separator: " ").joined(separator: " ") }
  }
}
