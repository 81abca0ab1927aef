internal import Postgres

/// Gives objects that the new owner will create the privileges that earlier owners' objects got.
public enum DefaultPrivilegesStep: SetupStep {
  public static let id = StepID.defaultPrivileges

  public static func outcome(of snapshot: CatalogSnapshot, for request: SetupRequest) throws -> StepOutcome {
    var outcome = StepOutcome()
    let existing = Set(snapshot.defaultPrivileges.filter { $0.owner == snapshot.newOwner.name })
    var wanted: [CatalogSnapshot.DefaultPrivilege] = []
    if request.mode == .direct { wanted += keptAccess(snapshot, request) }
    let inherited = fromEarlierOwners(snapshot)
    if request.included.contains(.defaultPrivileges) {
      wanted += inherited
    } else if !inherited.isEmpty {
      outcome.notes.append(
        "\(inherited.count) default privileges of earlier owners do not apply to what \(snapshot.newOwner.display) "
          + "creates: --include default-privileges re-creates them")
    }
    var seen = existing
    for var privilege in wanted {
      privilege.owner = snapshot.newOwner.name
      guard seen.insert(privilege).inserted else { continue }
      let place = privilege.schema.map { " in \($0.display)" } ?? ""
      outcome.changes.append(
        Change(
          step: id, sign: privilege.revoked ? .remove : .add, kind: "default",
          object: "\(privilege.privilege) on new \(privilege.objects.lowercased())\(place)",
          to: privilege.grantee?.name ?? "PUBLIC",
          action: .grantByDefault(privilege, owner: snapshot.newOwner), database: snapshot.server.database))
    }
    return outcome
  }

  /// In direct mode nothing else gives the roles that keep access a right to new objects.
  private static func keptAccess(
    _ snapshot: CatalogSnapshot, _ request: SetupRequest
  ) -> [CatalogSnapshot.DefaultPrivilege] {
    let privileges: [(objects: String, words: [String])] = [
      ("TABLES", ["DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"]),
      ("SEQUENCES", ["SELECT", "UPDATE", "USAGE"]),
    ]
    var wanted: [CatalogSnapshot.DefaultPrivilege] = []
    let maintain = snapshot.server.version >= 170_000 ? ["MAINTAIN"] : []
    for role in request.keepAccess {
      guard let grantee = snapshot.roles[role]?.identifier else { continue }
      for schema in snapshot.schemas {
        for (objects, words) in privileges {
          for word in words + (objects == "TABLES" ? maintain : []) {
            wanted.append(
              .init(
                owner: "", schema: schema.identifier, objects: objects, privilege: word, grantee: grantee,
                grantable: false))
          }
        }
      }
    }
    return wanted
  }

  /// Default privileges of roles whose objects are being moved, or have been.
  private static func fromEarlierOwners(_ snapshot: CatalogSnapshot) -> [CatalogSnapshot.DefaultPrivilege] {
    let schemas = Set(snapshot.schemas.map(\.identifier.name))
    return snapshot.defaultPrivileges.filter { privilege in
      privilege.owner != snapshot.newOwner.name && privilege.grantee?.name != snapshot.newOwner.name
        && (privilege.schema.map { schemas.contains($0.name) } ?? true)
        && OwnershipStep.mayMove(owner: privilege.owner, snapshot)
    }
  }
}
