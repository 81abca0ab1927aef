internal import Postgres

/// What an existing owner role can do beside owning objects: the IAM user and everybody who keeps access would get it.
struct OwnerRolePower {
  let role: RoleFacts
  let snapshot: CatalogSnapshot
  let request: SetupRequest

  /// Predefined roles that only show things: https://www.postgresql.org/docs/current/predefined-roles.html
  private static let harmless: Set = [
    "pg_monitor", "pg_read_all_settings", "pg_read_all_stats", "pg_stat_scan_tables",
  ]

  var guards: [Guard] { [attributes, login].compactMap { $0 } + memberships }

  private var heirs: String {
    ([request.iamUser] + request.keepAccess).map(Identifier.display).joined(separator: ", ")
  }

  private var attributes: Guard? {
    let words = role.attributes
    guard !words.isEmpty else { return nil }
    return Guard(
      "owner-role-power", .fail,
      "owner role \(role.identifier.display) has \(words.joined(separator: ", ")): whoever becomes it (\(heirs)) "
        + "could use that",
      fix: "choose another --owner-role, or ALTER ROLE \(role.identifier.quoted) "
        + words.map { "NO\($0)" }.joined(separator: " "))
  }

  private var login: Guard? {
    guard role.canLogin else { return nil }
    return Guard(
      "owner-role-login", .fail,
      "owner role \(role.identifier.display) can log in: whoever knows its password owns the objects",
      fix:
        "choose another --owner-role, or ALTER ROLE \(role.identifier.quoted) NOLOGIN if nobody logs in with it"
    )
  }

  private var memberships: [Guard] {
    let circles = OwnerRoleCircles(snapshot: snapshot, request: request).members
    return snapshot.graph.roles(of: role.name).subtracting(circles).sorted().map { name in
      let path = snapshot.graph.path(from: role.name, to: name) ?? [role.name, name]
      let shown = path.map(Identifier.display).joined(separator: " → ")
      let undo = path.count < 2 ? "" : ", or REVOKE \(quoted(path[1])) FROM \(role.identifier.quoted)"
      if isPowerful(name) {
        return Guard(
          "owner-role-power", .fail,
          "owner role \(role.identifier.display) is a member of \(Identifier.display(name)) (\(shown)): "
            + "whoever becomes it (\(heirs)) would be one, too", fix: "choose another --owner-role\(undo)")
      }
      return Guard(
        "owner-role-member", .warn,
        "owner role \(role.identifier.display) is a member of \(Identifier.display(name)) (\(shown)): "
          + "\(heirs) would get its privileges",
        fix: "if that is not wanted: choose another --owner-role\(undo)")
    }
  }

  private func isPowerful(_ name: String) -> Bool {
    if let role = snapshot.roles[name], role.isSuperuser || !role.attributes.isEmpty { return true }
    return RoleName(name: name, flag: "").systemPrefix != nil && !Self.harmless.contains(name)
  }

  private func quoted(_ name: String) -> String { snapshot.roles[name]?.identifier.quoted ?? name }
}

/// Memberships that would go round in a circle: the owner role is a member of a role that has to become its member.
struct OwnerRoleCircles {
  let snapshot: CatalogSnapshot
  let request: SetupRequest

  /// Roles that cannot become members of the owner role.
  var members: Set<String> { Set(paths.map { $0[$0.count - 1] }) }

  var guards: [Guard] {
    paths.map { path in
      let end = Identifier.display(path[path.count - 1])
      return Guard(
        "owner-role-circle", .fail,
        "owner role \(snapshot.newOwner.display) is a member of \(end) "
          + "(\(path.map(Identifier.display).joined(separator: " → "))), so \(end) cannot become a member of it",
        fix: "choose another --owner-role, or "
          + "REVOKE \(snapshot.roles[path[1]]?.identifier.quoted ?? path[1]) FROM \(snapshot.newOwner.quoted)"
      )
    }
  }

  private var paths: [[String]] {
    // Setup itself borrows the owner role, and so becomes its member for the length of a transaction.
    let borrower = snapshot.server.isSuperuser ? [] : [snapshot.server.user]
    let members =
      [request.iamUser] + request.keepAccess + borrower.filter { !request.keepAccess.contains($0) }
    return members.compactMap { snapshot.graph.path(from: snapshot.newOwner.name, to: $0) }
  }
}

extension RoleFacts {
  /// Attributes that are power over the server, by PostgreSQL's words; superusers are refused elsewhere.
  var attributes: [String] {
    [
      (canCreateRoles, "CREATEROLE"), (canCreateDatabases, "CREATEDB"), (canReplicate, "REPLICATION"),
      (bypassesRowSecurity, "BYPASSRLS"),
    ].filter(\.0).map(\.1)
  }
}
