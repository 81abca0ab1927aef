internal import Postgres

/// Lets the new owner and the roles that keep access use what the others create, and gives objects of the new owner the
/// privileges that earlier owners' objects got.
public enum DefaultPrivilegesStep: SetupStep {
  public static let id = StepID.defaultPrivileges

  public static func outcome(of snapshot: CatalogSnapshot, for request: SetupRequest) throws -> StepOutcome {
    var outcome = StepOutcome()
    var seen = Set(snapshot.defaultPrivileges)
    for (creator, privilege) in NewObjects(snapshot: snapshot, request: request).privileges {
      for word in PrivilegeWords.split(privilege.privilege) {
        var single = privilege
        single.privilege = word
        seen.insert(single)
      }
      outcome.changes.append(change(privilege, of: creator, snapshot))
    }
    let inherited = fromEarlierOwners(snapshot)
    guard request.included.contains(.defaultPrivileges) else {
      if !inherited.isEmpty {
        outcome.notes.append(
          "\(inherited.count) default privileges of earlier owners do not apply to what \(snapshot.newOwner.display) "
            + "creates: --include default-privileges re-creates them")
      }
      return outcome
    }
    for var privilege in inherited {
      privilege.owner = snapshot.newOwner.name
      if seen.insert(privilege).inserted {
        outcome.changes.append(change(privilege, of: snapshot.newOwner, snapshot))
      }
    }
    return outcome
  }

  private static func change(
    _ privilege: CatalogSnapshot.DefaultPrivilege, of creator: Identifier, _ snapshot: CatalogSnapshot
  ) -> Change {
    Change(
      step: id, sign: privilege.revoked ? .remove : .add, kind: "default",
      object: privilege.display(of: creator, version: snapshot.server.version),
      to: privilege.grantee?.name ?? "PUBLIC",
      action: .grantByDefault(privilege, owner: creator), database: snapshot.server.database)
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

extension CatalogSnapshot.DefaultPrivilege {
  /// For example `ALL on new tables of shop in public`.
  func display(of creator: Identifier, version: Int) -> String {
    let words = Set(PrivilegeWords.split(privilege))
    let isAll = words.count > 1 && words == Set(PrivilegeWords.all(on: objects, version: version))
    let place = schema.map { " in \($0.display)" } ?? ""
    return "\(isAll ? "ALL" : privilege) on new \(objects.lowercased()) of \(creator.display)\(place)"
  }
}
