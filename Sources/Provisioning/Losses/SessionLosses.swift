internal import AccessModel
internal import Postgres

/// What depends on who somebody is: the IAM user logs in under another name than who owned things before.
struct SessionLosses {
  private let snapshot: CatalogSnapshot
  private let request: SetupRequest
  private let owners: Set<String>

  init(_ snapshot: CatalogSnapshot, _ request: SetupRequest, owners: Set<String>) {
    self.snapshot = snapshot
    self.request = request
    self.owners = owners
  }

  var all: [Loss] { policies + searchPaths }

  /// Row security that is forced holds for owners as for everybody.
  private var policies: [Loss] {
    let newOwner = snapshot.newOwner
    return snapshot.surroundings.policies.map { policy in
      let table = "\(Identifier.display(policy.schema)).\(Identifier.display(policy.table))"
      let name = Identifier.display(policy.name)
      let names = policy.owners.map { Identifier.display($0) }.joined(separator: ", ")
      let why =
        policy.owners.isEmpty
        ? "asks who the user is, which is \(newOwner.display) from then on" : "is for \(names)"
      let statement =
        "ALTER POLICY \(SQLText.identifier(policy.name)) ON \(SQLText.identifier(policy.schema))."
        + "\(SQLText.identifier(policy.table))"
      let grantees = policy.grantees.map { SQLText.identifier($0) } + [newOwner.quoted]
      var fixes: [String] = []
      if !policy.owners.isEmpty { fixes.append("\(statement) TO \(grantees.joined(separator: ", "))") }
      if policy.asksWho {
        fixes.append("\(statement) USING an expression that knows \(newOwner.display), too")
      }
      return Loss(
        .rowSecurity, newOwner.name,
        "row security is forced on \(table), and its policy \(name) \(why): "
          + "\(newOwner.display) may see other rows, or none",
        fix: fixes.joined(separator: "; "), objects: [table])
    }
  }

  /// Names without a schema, where the IAM user has no setting of its own.
  private var searchPaths: [Loss] {
    let paths = snapshot.surroundings.searchPaths
    let user = snapshot.iamUser
    let own = paths[user.name]
    guard own?.setting == nil else { return [] }
    return owners.sorted().compactMap { role in
      guard let path = paths[role], role != user.name else { return nil }
      let schemas = path.schemas(of: role)
      let others = SearchPath(
        setting: nil, standard: path.standard, hasOwnSchema: own?.hasOwnSchema == true)
      guard schemas != others.schemas(of: user.name) else { return nil }
      let shown = schemas.map { Identifier.display($0) }.joined(separator: ", ")
      return Loss(
        .searchPath, user.name,
        "\(Identifier.display(role)) finds names without a schema in \(shown), and \(user.display) does not",
        fix: "ALTER ROLE \(user.quoted) IN DATABASE \(snapshot.databaseIdentifier.quoted) SET search_path = "
          + (schemas.isEmpty ? "''" : schemas.map { SQLText.identifier($0) }.joined(separator: ", ")),
        objects: schemas.map { Identifier.display($0) })
    }
  }
}

extension Surroundings {
  /// A policy that the new owner comes under.
  struct Policy: Sendable {
    var name: String
    var schema: String
    var table: String
    /// Old owners whom it names.
    var owners: [String] = []
    /// Everybody whom it names.
    var grantees: [String] = []
    var asksWho: Bool
  }
}
