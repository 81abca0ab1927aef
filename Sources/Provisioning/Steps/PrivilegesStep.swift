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
      missing(schema, snapshot, in: &outcome)
    }
    return outcome
  }

  /// An owner needs CREATE in the schema of what it owns, and the schema stays with somebody out of reach.
  private static func missing(
    _ schema: CatalogSnapshot.Schema, _ snapshot: CatalogSnapshot, in outcome: inout StepOutcome
  ) {
    let statement = "GRANT USAGE, CREATE ON SCHEMA \(schema.identifier.quoted) TO \(snapshot.newOwner.quoted)"
    let behind = snapshot.server.role(behind: schema.owner)
    let owner = Identifier.display(behind)
    let owns = behind == schema.owner ? "the schema" : "the database"
    let why =
      "schema \(schema.identifier.display) stays with \(owner), who owns \(owns), and an owner needs CREATE in the schema of what it owns"
    if let grantor = schema.createGrantor {
      outcome.missing.append(
        MissingCapability(
          statement: statement, runner: .role(grantor),
          runBy: "\(Identifier.display(grantor)), who has CREATE WITH GRANT OPTION", why: why))
    } else if snapshot.server.isManaged {
      // The provider's own role, as which nobody else can log in.
      outcome.guards.append(
        Guard(
          "schema-of-the-provider", .fail, why,
          fix:
            "move other schemas (--schema), or have \(owner) run \(statement): on RDS that is "
            + "for AWS Support"))
    } else {
      outcome.missing.append(
        MissingCapability(
          statement: statement, runBy: "\(owner), who owns \(owns), or a superuser", why: why))
    }
  }
}
