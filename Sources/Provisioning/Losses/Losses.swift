internal import AccessModel
internal import Postgres

/// Works out who loses what by a move: a pure function of the snapshot.
struct Losses {
  let snapshot: CatalogSnapshot
  let request: SetupRequest
  /// Owners of what moves.
  let owners: Set<String>
  private let owner: String
  private var surroundings: Surroundings { snapshot.surroundings }

  init(_ snapshot: CatalogSnapshot, _ request: SetupRequest, moved: [ObjectFacts]) {
    self.snapshot = snapshot
    self.request = request
    owners = Set(moved.lazy.map(\.owner))
    owner = snapshot.newOwner.display
    tables = moved
  }

  private let tables: [ObjectFacts]

  /// In the order in which people should read them.
  var all: [Loss] {
    ownership + teams + kept + inside + outside + elsewhere + mappings + children + replication
      + decoding + tablespaces + SessionLosses(snapshot, request, owners: owners).all
  }

  /// Neither keeps access nor is above it.
  private func loses(_ role: String) -> Bool {
    snapshot.roles[role]?.isSuperuser == false
      && !request.keepAccess.contains { role == $0 || snapshot.graph.isMember(role, of: $0) }
      && (!snapshot.graph.isMember(role, of: snapshot.newOwner.name)
        || snapshot.interimMembers.contains(role))
  }

  /// A subscription writes as the owner of each table, which its own owner has to be able to become (16 and later):
  /// https://www.postgresql.org/docs/current/logical-replication-security.html
  private func stops(_ subscription: Surroundings.Subscription) -> Bool {
    let role = subscription.owner
    guard request.mode == .direct, !subscription.writesAsItself else { return loses(role) }
    return snapshot.roles[role]?.isSuperuser == false && role != snapshot.newOwner.name
      && !snapshot.graph.isMember(role, of: snapshot.newOwner.name)
  }

  /// Roles whose code stays, and which keep their privileges on what moves for that.
  private var working: Set<String> {
    Set(snapshot.staying(request).values.lazy.filter { $0.means != .query }.map(\.object.owner))
  }

  private func canLogIn(_ role: String) -> Bool { snapshot.roles[role]?.canLogin == true }

  /// The new owner in a statement.
  private var newOwner: String { snapshot.newOwner.quoted }

  /// A name in a statement.
  private func sql(_ name: String) -> String { SQLText.identifier(name) }

  private func keep(_ role: String) -> String { ShellText.option("--keep-access", role) }

  private var ownership: [Loss] {
    var losses: [Loss] = []
    let creator = snapshot.server.databaseOwner
    let schemas = snapshot.objects.filter { $0.kind == .schema && $0.owner == "pg_database_owner" }.map(
      \.display)
    if !schemas.isEmpty, !owners.contains(creator), canLogIn(creator), loses(creator) {
      losses.append(
        Loss(
          .schema, creator,
          "\(Identifier.display(creator)) owns this database and will lose CREATE on \(Loss.names(schemas))",
          fix: "To keep it, add \(keep(creator))", objects: schemas))
    }
    for role in owners.sorted() where canLogIn(role) && loses(role) {
      losses.append(
        Loss(
          .ownership, role, "\(Identifier.display(role)) can log in and will lose what it may do as an owner",
          fix: "To keep it, add \(keep(role))"))
    }
    return losses
  }

  /// People who act as an owner by being its members.
  private var teams: [Loss] {
    owners.sorted().compactMap { team in
      let members = (surroundings.teams[team] ?? []).filter { loses($0) && !owners.contains($0) }
      guard loses(team), !members.isEmpty else { return nil }
      let names = members.map { Identifier.display($0) }
      return Loss(
        .team, team,
        "\(Loss.names(names)) can log in and, as \(names.count == 1 ? "a member" : "members") of \(Identifier.display(team)), "
          + "\(names.count == 1 ? "loses" : "lose") what it may do as an owner",
        fix: "\(keep(team)) keeps it for all its members", objects: names)
    }
  }

  /// Roles that keep access without becoming owners.
  private var kept: [Loss] {
    var losses: [Loss] = []
    for role in request.keepAccess where snapshot.roles[role]?.isSuperuser == false {
      let shown = Identifier.display(role)
      if request.mode == .direct {
        losses += keptDirectly(role)
      } else if snapshot.roles[role]?.inherits == false, !snapshot.server.hasMembershipOptions {
        losses.append(
          Loss(
            .inheritance, role,
            "\(shown) is NOINHERIT: it may do what \(owner) may only after SET ROLE \(newOwner)",
            fix: "ALTER ROLE \(sql(role)) INHERIT, or ALTER ROLE \(sql(role)) IN DATABASE "
              + "\(snapshot.databaseIdentifier.quoted) SET role = \(newOwner)"))
      }
    }
    return losses
  }

  private func keptDirectly(_ role: String) -> [Loss] {
    let shown = Identifier.display(role)
    let fix = "--mode owner-role keeps that"
    let own = tables.filter { acts(role, as: $0.owner) }
    guard !own.isEmpty else { return [] }
    var losses = [
      Loss(
        .index, role,
        "\(shown) is no owner any more: ALTER, DROP, CREATE INDEX and TRUNCATE … RESTART IDENTITY are refused to it on "
          + "\(own.count) \(own.count == 1 ? "object" : "objects")", fix: fix)
    ]
    let views = own.filter { $0.kind == .materializedView }.map(\.display)
    // From 17 on, MAINTAIN is a privilege, and it is kept: https://www.postgresql.org/docs/17/ddl-priv.html
    if !views.isEmpty, snapshot.server.version < 170_000 {
      losses.append(
        Loss(.refresh, role, "\(shown) can no longer REFRESH \(Loss.names(views))", fix: fix, objects: views))
    }
    let guarded = surroundings.guarded.filter { acts(role, as: $0.owner) }.map(\.table)
    if !guarded.isEmpty {
      losses.append(
        Loss(
          .rowSecurity, role, "row security of \(Loss.names(guarded)) applies to \(shown) from then on",
          fix: "Give it a policy, or \(fix)", objects: guarded))
    }
    return losses
  }

  private func acts(_ role: String, as owner: String) -> Bool {
    role == owner || surroundings.teams[owner]?.contains(role) == true
  }

  /// What moved views and rules use where the new owner may not.
  private var inside: [Loss] {
    let staying = snapshot.staying(request)
    return snapshot.ownerRights.filter { $0.means == .query && staying[ObjectKey($0.object)] == nil }.flatMap
    { rights in
      rights.uses.filter { use in
        !use.beyondNewOwner.isEmpty && staying[ObjectKey(catalog: .relation, oid: use.oid)] == nil
      }.map { use in
        let words = use.beyondNewOwner.joined(separator: ", ")
        return Loss(
          .outside, snapshot.newOwner.name,
          "\(rights.object.kind.rawValue) \(rights.object.display) uses \(use.relation) of "
            + "\(Identifier.display(use.relationOwner)), where \(owner) may not \(words)",
          fix: "GRANT \(words) ON \(use.relation) TO \(newOwner), or move that too",
          objects: [rights.object.display, use.relation])
      }
    }
  }

  /// What views, rules and functions elsewhere use as the owner of what moves.
  private var outside: [Loss] {
    let working = self.working
    var losses = surroundings.outsideQueries.filter {
      loses($0.role) && !working.contains($0.role) && owners.contains($0.usedOwner)
    }.map {
      use in
      let role = Identifier.display(use.role)
      return Loss(
        .outside, use.role,
        "\(use.object) of \(role) does not move and uses \(use.uses), which \(role) may no longer read",
        fix: "\(keep(use.role)), GRANT SELECT ON \(use.uses) TO \(sql(use.role)), or move its schema too",
        objects: [use.object, use.uses])
    }
    for (role, code) in surroundings.outsideCode.sorted(by: { $0.key < $1.key })
    where owners.contains(role)
      && loses(role) && !working.contains(role)
    {
      let shown = Identifier.display(role)
      losses.append(
        Loss(
          .code, role,
          "SECURITY DEFINER functions of \(shown) that do not move (\(Loss.names(code))) lose what \(shown) may do as an owner",
          fix: "\(keep(role)) keeps it, or move their schemas too", objects: code))
    }
    return losses
  }

  /// What old owners may use elsewhere, and their moved code and logins with it.
  private var elsewhere: [Loss] {
    surroundings.outsideHoldings.sorted { $0.key < $1.key }.filter { owners.contains($0.key) }.map {
      role, relations in
      Loss(
        .outside, snapshot.newOwner.name,
        "\(Identifier.display(role)) may use \(Loss.names(relations)), which \(relations.count == 1 ? "does" : "do") not move, "
          + "and \(owner) may not: nor may the functions (SECURITY DEFINER) that run as it from then on",
        fix: "GRANT that to \(newOwner), or move it too", objects: relations)
    }
  }

  private var mappings: [Loss] {
    surroundings.mappings.sorted { $0.key < $1.key }.compactMap { server, users in
      let names = users.compactMap { $0 }
      guard !users.contains(nil), !names.contains(snapshot.newOwner.name) else { return nil }
      let shown = Identifier.display(server)
      return Loss(
        .mapping, snapshot.newOwner.name,
        "foreign tables move, or views that use them, whose server \(shown) has user mappings for "
          + "\(Loss.names(names.map { Identifier.display($0) })) and none for \(owner): \(owner) cannot read them, nor can "
          + "anybody through a view of \(owner)",
        fix: "CREATE USER MAPPING FOR \(newOwner) SERVER \(sql(server)) with the same OPTIONS",
        objects: [shown])
    }
  }

  private var children: [Loss] {
    struct Family: Hashable {
      var parent: String
      var moves: Bool
    }
    return Dictionary(grouping: surroundings.children) { Family(parent: $0.parent, moves: $0.movesChild) }
      .sorted { $0.key.parent < $1.key.parent }.map { family, children in
        let names = children.map(\.child)
        let stays = family.moves ? family.parent : Loss.names(names)
        let moves = family.moves ? Loss.names(names) : family.parent
        return Loss(
          .children, snapshot.newOwner.name,
          "\(moves) moves and \(stays), its \(family.moves ? "parent" : names.count == 1 ? "child" : "children") "
            + "in another schema, does not: \(owner) can neither alter nor index the family as one",
          fix: "Add --schema for the other", objects: names + [family.parent])
      }
  }

  private var replication: [Loss] {
    var losses = surroundings.subscriptions.filter(stops).map { subscription in
      let (name, role) = (subscription.name, subscription.owner)
      let shown = Identifier.display(role)
      return Loss(
        .subscription, role,
        "subscription \(Identifier.display(name)) of \(shown) writes to tables that move, and would be refused",
        fix: (loses(role) && request.mode != .direct ? "\(keep(role)), or " : "")
          + "ALTER SUBSCRIPTION \(sql(name)) DISABLE until \(shown) may act as \(owner)",
        objects: [name])
    }
    guard !request.included.contains(.publication) else { return losses }
    losses += surroundings.publications.filter { loses($0.owner) }.map { name, role in
      Loss(
        .publication, role,
        "publication \(Identifier.display(name)) publishes tables that move: \(Identifier.display(role)) can neither add tables "
          + "any more nor, as a subscriber's login, copy them",
        fix: "--include publication moves it; \(keep(role)) keeps both", objects: [name])
    }
    return losses
  }

  /// Logins that decode changes (`replication=database`): that asks for the attribute REPLICATION alone, and what they
  /// do besides for privileges.
  private var decoding: [Loss] {
    var losses = owners.sorted().filter { canLogIn($0) && loses($0) && canReplicate($0) }.map { role in
      let shown = Identifier.display(role)
      return Loss(
        .replication, role,
        "\(shown) has REPLICATION: with replication=database it goes on decoding changes, and can neither copy tables that "
          + "move nor add them to a publication", fix: "\(keep(role)) keeps both")
    }
    if request.mode != .direct, canReplicate(request.iamUser), !canReplicate(snapshot.newOwner.name) {
      let user = snapshot.iamUser.display
      losses.append(
        Loss(
          .replication, request.iamUser,
          "\(user) has REPLICATION, and \(owner), which it becomes on login, has not: functions such as "
            + "pg_create_logical_replication_slot are refused to it, replication=database is not",
          fix: "It may use them after SET ROLE none"))
    }
    return losses
  }

  /// On RDS a membership stands for the attribute.
  private func canReplicate(_ role: String) -> Bool {
    snapshot.roles[role]?.canReplicate == true || snapshot.graph.isMember(role, of: "rds_replication")
  }

  private var tablespaces: [Loss] {
    let spaces = surroundings.tablespaces.filter { owners.contains($0.owner) }.map(\.name)
    return Set(spaces).sorted().map { name in
      Loss(
        .tablespace, snapshot.newOwner.name,
        "tables or indexes that move are in tablespace \(Identifier.display(name)), where \(owner) may not create new ones",
        fix: "GRANT CREATE ON TABLESPACE \(sql(name)) TO \(newOwner)", objects: [name])
    }
  }
}
