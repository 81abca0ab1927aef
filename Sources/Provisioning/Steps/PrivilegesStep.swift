internal import Postgres

/// CONNECT, and USAGE and CREATE in schemas that the new owner does not come to own.
public enum PrivilegesStep: SetupStep {
  public static let id = StepID.privileges

  public static func outcome(of snapshot: CatalogSnapshot, for request: SetupRequest) throws -> StepOutcome {
    var outcome = StepOutcome()
    let server = snapshot.server
    if !snapshot.iamUserMayConnect {
      let database = ObjectFacts(
        kind: .database, catalog: .database, oid: server.databaseOID, schema: nil,
        name: snapshot.databaseIdentifier,
        suffix: "", owner: server.databaseOwner, locks: 1)
      outcome.changes.append(
        Change(
          step: id, sign: .add, kind: "access", object: "CONNECT on database \(database.display)",
          to: snapshot.iamUser.display,
          action: .grant(privileges: "CONNECT", on: database, to: snapshot.iamUser), database: server.database
        ))
    }
    for schema in snapshot.schemas where schema.owner != snapshot.newOwner.name {
      guard !OwnershipStep.mayMove(owner: schema.owner, snapshot) else { continue }
      if schema.newOwnerMayCreate && schema.newOwnerMayUse { continue }
      let runBy = "\(schema.owner), who owns the schema, or a superuser"
      outcome.missing.append(
        MissingCapability(
          statement:
            "GRANT USAGE, CREATE ON SCHEMA \(schema.identifier.quoted) TO \(snapshot.newOwner.quoted)",
          runBy: runBy,
          why:
            "schema \(schema.identifier.display) stays with \(schema.owner), and an owner needs CREATE in the schema of what it owns"
        ))
    }
    return outcome
  }
}
