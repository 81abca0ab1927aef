internal import AccessModel
internal import Postgres

/// Who goes on working on everything while apply moves it, until the IAM user can: a pure function of the snapshot.
///
/// The old owners become members of the new one. Where that is the IAM user itself, and it can sign in already, this would
/// end their passwords: so there the IAM user becomes a member of them. Nobody reaches by it what the move does not take
/// from, or give to, that very role.
struct InterimAccess {
  let snapshot: CatalogSnapshot
  let request: SetupRequest
  private var facts: InterimFacts { snapshot.interim }
  private var newOwner: Identifier { snapshot.newOwner }
  private var signsIn: Bool { snapshot.graph.isMember(request.iamUser, of: request.rdsIAMRole) }

  /// What the move begins, and who has to do without.
  func outcome() -> (begins: [InterimMembership], losses: [Loss]) {
    var begins: [InterimMembership] = []
    var losses: [Loss] = []
    for name in owners {
      guard let role = snapshot.roles[name] else { continue }
      let isReverse = request.mode == .direct && signsIn
      if let reason = isReverse ? obstacleOfReverse(role) : obstacle(role) {
        losses.append(Self.loss(name, reason, request))
      } else {
        begins.append(
          isReverse
            ? InterimMembership(role: role.identifier, member: snapshot.iamUser)
            : InterimMembership(role: newOwner, member: role.identifier))
      }
    }
    return (begins, losses)
  }

  /// The changes that begin it, and who has to do without.
  func beginning() -> (changes: [Change], losses: [Loss]) {
    let (begins, losses) = outcome()
    let end = Self.end(request, signsIn: signsIn)
    return (begins.map { $0.beginning(until: end.until, snapshot.server) }, losses)
  }

  /// The changes that end it, together with what is still in force from earlier runs.
  func ending() -> [Change] {
    let all = facts.inForce.filter { !isKept($0) }.union(outcome().begins)
    let end = Self.end(request, signsIn: signsIn)
    return all.sorted {
      [$0.member.name, $0.role.name].lexicographicallyPrecedes([$1.member.name, $1.role.name])
    }
    .map { $0.end(when: end.when, snapshot.server) }
  }

  /// Who reaches more by now with what an earlier run has begun: there is something to move that was not there then.
  var guards: [Guard] {
    facts.inForce.filter { $0.role == newOwner && !isKept($0) }.sorted { $0.text < $1.text }.compactMap {
      membership in
      let name = membership.member.name
      guard let first = facts.powers.filter({ $0 != newOwner.name && !reaches(name, $0) }).sorted().first
      else {
        return nil
      }
      return Guard(
        "interim-reach", .warn,
        "\(membership.text) for as long as the move lasts, and would reach what is \(Identifier.display(first))'s with it",
        fix:
          "REVOKE \(newOwner.quoted) FROM \(membership.member.quoted) ends it at once; \(membership.member.display) "
          + "could no longer work on what has moved")
    }
  }

  /// The membership is asked for by now.
  private func isKept(_ membership: InterimMembership) -> Bool {
    request.mode != .direct && membership.role == newOwner
      && request.keepAccess.contains(membership.member.name)
  }

  /// When it ends, for people.
  static func end(_ request: SetupRequest, signsIn: Bool) -> (until: String, when: String) {
    signsIn
      ? ("everything is moved", "everything is moved")
      : (
        "\(Identifier.display(request.iamUser)) can sign in",
        "\(Identifier.display(request.iamUser)) can sign in"
      )
  }

  /// - Parameter reason: why there is no interim membership.
  static func loss(_ role: String, _ reason: String, _ request: SetupRequest) -> Loss {
    let shown = Identifier.display(role)
    return Loss(
      .meanwhile, role,
      "while apply runs, \(shown) loses one object after the other, and \(Identifier.display(request.iamUser)) cannot work "
        + "on all of them before it ends: \(reason)",
      fix: "\(ShellText.option("--keep-access", role)) avoids that")
  }

  /// Owners of what moves that would otherwise lose it before the IAM user can work on it.
  private var owners: [String] {
    let staying = snapshot.staying(request)
    let moved = Set(
      snapshot.objects.lazy.filter {
        staying[ObjectKey($0)] == nil && OwnershipStep.mayMove(owner: $0.owner, snapshot)
      }.map(\.owner))
    return facts.owners.intersection(moved).filter { name in
      name != request.iamUser && name != newOwner.name && !request.keepAccess.contains(name)
        && !reaches(name, newOwner.name)
        && !(request.mode == .direct && signsIn && reaches(request.iamUser, name))
    }.sorted()
  }

  private func reaches(_ role: String, _ other: String) -> Bool {
    role == other || facts.reach[role]?.contains(other) == true
  }

  /// Why this role does not become a member of the new owner; nil: it does.
  private func obstacle(_ role: RoleFacts) -> String? {
    let name = role.name
    let shown = role.identifier.display
    if !role.inherits, !snapshot.server.hasMembershipOptions {
      return "\(shown) is NOINHERIT, and could use a membership of \(newOwner.display) only after SET ROLE"
    }
    if snapshot.graph.isMember(newOwner.name, of: name) {
      return "\(newOwner.display) is a member of \(shown), which cannot become its member as well"
    }
    // From 16 on whoever has created the new owner has a row of its own, which stays as it is.
    if snapshot.graph.directMembers(of: newOwner.name).contains(name), name != snapshot.server.user {
      return "\(shown) is a member of \(newOwner.display) already, without INHERIT"
    }
    if snapshot.graph.isMember(newOwner.name, of: request.rdsIAMRole) {
      return "as a member of \(newOwner.display) it would have to log in with a token"
    }
    let beyond = facts.powers.filter { $0 != newOwner.name && !reaches(name, $0) }.sorted()
    if let first = beyond.first {
      let more = beyond.count > 1 ? " and of \(beyond.count - 1) more" : ""
      return "as a member of \(newOwner.display) \(shown) would reach what is not its own, but "
        + "\(Identifier.display(first))'s\(more)"
    }
    if facts.powers.contains(newOwner.name) || facts.rolesWithMore.contains(newOwner.name) {
      return "\(newOwner.display) has more than \(shown) had"
    }
    guard let schema = snapshot.schemas.first(where: { !isWithinReach($0, of: name) }) else { return nil }
    return "as a member of \(newOwner.display) \(shown) would own schema \(schema.identifier.display) as well"
  }

  /// Schema public, or one of the database's owner, in which the role may create, holds nothing but what is within its
  /// reach.
  private func isWithinReach(_ schema: CatalogSnapshot.Schema, of name: String) -> Bool {
    if schema.owner == newOwner.name || reaches(name, schema.owner) { return true }
    guard OwnershipStep.mayMove(owner: schema.owner, snapshot) else { return true }
    let isEverybodys =
      schema.identifier.name == "public" || schema.owner == "pg_database_owner"
      || schema.owner == snapshot.server.databaseOwner
    return isEverybodys && facts.creates[name]?.contains(schema.identifier.name) == true
  }

  /// Why the IAM user does not become a member of this role; nil: it does.
  private func obstacleOfReverse(_ role: RoleFacts) -> String? {
    let shown = role.identifier.display
    if snapshot.roles[request.iamUser]?.inherits == false, !snapshot.server.hasMembershipOptions {
      return
        "\(snapshot.iamUser.display) is NOINHERIT, and could use a membership of \(shown) only after SET ROLE"
    }
    if snapshot.graph.isMember(role.name, of: request.iamUser) {
      return "\(shown) is a member of \(snapshot.iamUser.display) already, without INHERIT"
    }
    if snapshot.graph.directMembers(of: role.name).contains(request.iamUser) {
      return "\(snapshot.iamUser.display) is a member of \(shown) already, without INHERIT"
    }
    let roles = snapshot.graph.roles(of: role.name)
    let isPowerful =
      !role.attributes.isEmpty || roles.contains { RoleName(name: $0, flag: "").systemPrefix != nil }
    if isPowerful {
      return "\(shown) has power over the server, which \(snapshot.iamUser.display) must not get"
    }
    if facts.rolesWithMore.contains(role.name) || roles.contains(where: { !reaches(request.iamUser, $0) }) {
      return "\(shown) has more than what moves, which \(snapshot.iamUser.display) must not get"
    }
    return nil
  }
}
