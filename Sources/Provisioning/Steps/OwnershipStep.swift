internal import Postgres

/// Hands every object to the new owner: schemas first, then relations, routines and types in OID order.
public enum OwnershipStep: SetupStep {
  public static let id = StepID.ownership

  public static func outcome(of snapshot: CatalogSnapshot, for request: SetupRequest) throws -> StepOutcome {
    var outcome = StepOutcome()
    let database = snapshot.server.database
    var access: [OwnedCatalog: [UInt32: [CatalogSnapshot.MissingAccess]]] = [:]
    for missing in snapshot.missingAccess {
      access[missing.object.catalog, default: [:]][missing.object.oid, default: []].append(missing)
    }
    let staying = judge(snapshot, request, in: &outcome)
    for object in snapshot.objects {
      if let change = staying[ObjectKey(object)] {
        outcome.skipped.append(skip(object, change))
        continue
      }
      guard mayMove(owner: object.owner, snapshot) else {
        outcome.skipped.append(skip(object, snapshot))
        continue
      }
      outcome.changes.append(
        Change(
          step: id, sign: .change, kind: object.kind.rawValue, object: object.display, from: object.owner,
          to: snapshot.newOwner.name, action: .alterOwner(object, to: snapshot.newOwner), database: database))
      if object.kind == .database, !snapshot.publicMayConnect,
        let role = snapshot.roles[object.owner]?.identifier
      {
        outcome.changes.append(
          Change(
            step: id, sign: .add, kind: "access", object: "CONNECT on database \(object.display)",
            from: snapshot.newOwner.name, to: role.name,
            action: .grant(privileges: "CONNECT", on: object, to: role), database: database))
      }
      for missing in access[object.catalog]?.removeValue(forKey: object.oid) ?? [] {
        append(missing, snapshot, to: &outcome)
      }
    }
    // What nobody moves here: objects moved before, and sequences that have followed their table.
    for missing in snapshot.missingAccess where access[missing.object.catalog]?[missing.object.oid] != nil {
      if mayMove(owner: missing.object.owner, snapshot) { append(missing, snapshot, to: &outcome) }
    }
    note(snapshot, request, in: &outcome)
    let moved = snapshot.objects.filter {
      staying[ObjectKey($0)] == nil && mayMove(owner: $0.owner, snapshot)
    }
    outcome.losses = Losses(snapshot, request, moved: moved).all
    return outcome
  }

  /// Objects of a superuser are out of reach for everybody but superusers, and so are those of `pg_database_owner` in a
  /// superuser's database.
  static func mayMove(owner: String, _ snapshot: CatalogSnapshot) -> Bool {
    snapshot.server.isSuperuser || snapshot.roles[snapshot.server.role(behind: owner)]?.isSuperuser != true
  }

  private static func append(
    _ missing: CatalogSnapshot.MissingAccess, _ snapshot: CatalogSnapshot, to outcome: inout StepOutcome
  ) {
    let role =
      missing.role == snapshot.newOwner.name ? snapshot.newOwner : snapshot.roles[missing.role]?.identifier
    guard let role else { return }
    outcome.changes.append(
      Change(
        step: id, sign: .add, kind: "access",
        object: "\(missing.object.kind.rawValue) \(missing.object.display)",
        // What the new owner is given stays with its own.
        from: role == snapshot.newOwner ? missing.object.owner : snapshot.newOwner.name, to: role.name,
        action: .grant(privileges: "ALL", on: missing.object, to: role),
        database: snapshot.server.database))
  }

  private static func skip(_ object: ObjectFacts, _ snapshot: CatalogSnapshot) -> SkippedObject {
    SkippedObject(
      kind: object.kind.rawValue, object: object.display, reason: reason(object.owner, snapshot),
      fix: snapshot.server.isManaged
        ? "only the service can change its owner: create it anew as \(snapshot.newOwner.display), or ask AWS Support"
        : "as a superuser: \(Action.alterOwner(object, to: snapshot.newOwner).sql)")
  }

  private static func reason(_ owner: String, _ snapshot: CatalogSnapshot) -> String {
    let behind = snapshot.server.role(behind: owner)
    return "owned by the superuser \(behind)" + (behind == owner ? "" : ", to whom the database belongs")
  }

  private static func note(
    _ snapshot: CatalogSnapshot, _ request: SetupRequest, in outcome: inout StepOutcome
  ) {
    if snapshot.extensionObjects > 0 {
      outcome.notes.append("\(snapshot.extensionObjects) objects belong to extensions and keep their owner")
    }
    for (owner, code) in Dictionary(grouping: outcome.foreignCode, by: \.codeOwner).sorted(by: {
      $0.key < $1.key
    }) {
      let shown = code.prefix(3).map { "\($0.routine)() (\($0.attachments) of \($0.relation))" }
      let more = code.count > 3 ? " and \(code.count - 3) more" : ""
      outcome.notes.append(
        "code of \(Identifier.display(owner)) runs as whoever uses what moves, \(snapshot.newOwner.display) included: "
          + "\(shown.joined(separator: ", "))\(more); read it before \(snapshot.newOwner.display) does")
    }
    let onRequest = snapshot.reported.filter(\.onRequest).map { "\($0.kind) (\($0.count))" }
    if !onRequest.isEmpty {
      outcome.notes.append("not moved unless asked for with --include: \(onRequest.joined(separator: ", "))")
    }
    for reported in snapshot.reported where !reported.onRequest {
      outcome.notes.append("\(reported.count) \(reported.kind) not moved: \(reported.reason)")
    }
  }
}
