import Postgres

@testable import Provisioning

/// Builds snapshots for steps, which do no I/O.
enum Snapshots {
  static func identifier(_ name: String) -> Identifier {
    Identifier(name: name, quoted: "\"\(name)\"")
  }

  static func role(
    _ name: String, login: Bool = true, superuser: Bool = false, password: Bool? = nil, limit: Int = -1,
    until: String? = nil
  ) -> RoleFacts {
    RoleFacts(
      identifier: identifier(name), canLogin: login, isSuperuser: superuser, connectionLimit: limit,
      validUntil: until, hasPassword: password)
  }

  /// A server with a master, rds_iam and one schema, as setup finds it.
  static func fresh(
    _ request: SetupRequest = SetupRequest(iamUser: "iamuser"), database: String = "app"
  ) -> CatalogSnapshot {
    var server = ServerFacts()
    server.version = 150_018
    server.versionText = "15.18"
    server.user = "postgres"
    server.database = database
    server.databaseOwner = "postgres"
    server.lockCapacity = 6400
    var snapshot = CatalogSnapshot(
      server: server, iamUser: identifier(request.iamUser),
      newOwner: identifier(request.newOwner(database: database)), rdsIAM: identifier(request.rdsIAMRole),
      operatorRole: identifier("postgres"), databaseIdentifier: identifier(database))
    for role in [
      role("postgres"), role("rds_iam", login: false), role("app_old"), role("root", superuser: true),
    ] {
      snapshot.roles[role.name] = role
    }
    snapshot.schemas = [
      .init(
        identifier: identifier("public"), owner: "pg_database_owner", newOwnerMayCreate: false,
        newOwnerMayUse: true)
    ]
    snapshot.iamUserMayConnect = true
    return snapshot
  }

  static func table(_ name: String, oid: UInt32 = 1, owner: String = "app_old", locks: Int = 1) -> ObjectFacts
  {
    ObjectFacts(
      kind: .table, catalog: .relation, oid: oid, schema: identifier("public"), name: identifier(name),
      suffix: "",
      owner: owner, locks: locks)
  }

  static func move(_ table: ObjectFacts) -> Change {
    Change(
      step: .ownership, sign: .change, kind: "table", object: table.display, from: table.owner,
      to: "app_owner",
      action: .alterOwner(table, to: identifier("app_owner")), database: "app")
  }
}
