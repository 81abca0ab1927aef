internal import AccessModel

/// Tells whether a journal belongs to the database at hand.
enum JournalIdentity {
  /// A database is its number in its cluster, whatever it is called by now.
  static func isSame(_ begin: JournalRecord.Begin, _ server: ServerFacts) -> Bool {
    guard begin.databaseOID == server.databaseOID else { return false }
    guard let here = server.systemIdentifier, let there = begin.systemIdentifier else {
      // Numbers of databases repeat from cluster to cluster.
      return begin.database == server.database
    }
    return here == there
  }

  /// - Parameter existing: the cluster's databases. When those of the journal have all been dropped, what is left of them are
  ///   roles, and any database will do to undo that; nil: it will not do.
  /// - Throws: `SetupProblem` when a record was written for another database.
  static func check(
    _ records: [JournalRecord], _ server: ServerFacts, existing: Set<UInt32>? = nil, path: String
  ) throws {
    let begins = records.compactMap(\.begin)
    guard !begins.contains(where: { isSame($0, server) }) else { return }
    let ofCluster = begins.filter { isOfCluster($0, server) }
    if let existing, !ofCluster.isEmpty, !ofCluster.contains(where: { existing.contains($0.databaseOID) }) {
      return
    }
    if let begin = begins.first(where: { $0.database == server.database }) {
      throw problem(path, begin, server, "its database of that name is another one")
    }
    if let begin = ofCluster.first(where: { existing?.contains($0.databaseOID) == true }) {
      throw problem(path, begin, server, "it has no record of this database")
    }
    if let other = begins.first { throw problem(path, other, server, "it has no record of this database") }
  }

  /// It is known to have been written for this cluster.
  private static func isOfCluster(_ begin: JournalRecord.Begin, _ server: ServerFacts) -> Bool {
    server.systemIdentifier != nil && begin.systemIdentifier == server.systemIdentifier
  }

  /// The records of this cluster. Those of others do not matter, wherever they come from: what follows a `begin` is
  /// of that cluster.
  static func ofCluster(_ records: [JournalRecord], _ server: ServerFacts) -> [JournalRecord] {
    var isElsewhere: [String: Bool] = [:]
    return records.filter { record in
      if let begin = record.begin {
        let (here, there) = (server.systemIdentifier, begin.systemIdentifier)
        isElsewhere[begin.database] = here != nil && there != nil && here != there
      }
      let name = record.begin?.database ?? record.batch?.database ?? record.reverted?.database
      return !(name.flatMap { isElsewhere[$0] } ?? false)
    }
  }

  private static func problem(
    _ path: String, _ begin: JournalRecord.Begin, _ server: ServerFacts, _ why: String
  ) -> SetupProblem {
    let isDropped = begin.database == server.database && isOfCluster(begin, server)
    return SetupProblem(
      .usage, "journal-of-another-database",
      "journal \(path.escapedForDisplay) was written for database \"\(begin.database.escapedForDisplay)\" at "
        + "\(begin.host.escapedForDisplay):\(begin.port)"
        + (isDropped
          ? ", which has been dropped: this is another one of its name"
          : begin.database == server.database
            ? ", another server than this" : ", not for \"\(server.database)\""),
      why: isDropped ? "what it has created, roles for example, may still be there" : why,
      fix: isDropped
        ? "setup revert with this journal undoes what is left of it; for this database name another one with "
          + "--journal; nothing was changed"
        : "name this database's own journal with --journal; nothing was changed")
  }
}

/// A role that a journal shows setup itself to have created.
public struct CreatedRole: Sendable, Equatable {
  public var name: String
  public var oid: UInt32
  /// The cluster it was created in, where that is known.
  public var systemIdentifier: String?

  /// It is this role, not another one of its name.
  func isRole(_ role: RoleFacts, on server: ServerFacts) -> Bool {
    role.name == name && role.oid == oid
      && (systemIdentifier == nil || server.systemIdentifier == nil
        || systemIdentifier == server.systemIdentifier)
  }
}

extension Journal {
  /// Roles that earlier runs of apply created, so that going on does not take them for somebody else's.
  ///
  /// - Throws: `SetupProblem` when the file is not a journal.
  public static func createdRoles(_ path: String) throws -> [CreatedRole] {
    let records = try records(path)
    let system = records.compactMap(\.begin).last?.systemIdentifier
    return records.compactMap(\.batch).flatMap(\.changes).compactMap { change in
      guard change.undo == .dropRole, let name = change.role, let oid = change.roleOID else { return nil }
      return CreatedRole(name: name, oid: oid, systemIdentifier: system)
    }
  }

  /// Login roles that were members of rds_iam before the first run for this database.
  ///
  /// - Throws: `SetupProblem` when the file is not a journal.
  public static func membersBefore(_ path: String, database: String) throws -> Set<String>? {
    try records(path).compactMap(\.begin).first { $0.database == database }.map { Set($0.iamMembersBefore) }
  }

  /// Makes sure that an existing journal belongs to a database of the plans.
  ///
  /// - Throws: `SetupProblem` when it was written for others.
  public func check(_ plans: [Plan]) throws {
    let records = try records()
    let known = { (plan: Plan) in
      records.compactMap(\.begin).contains {
        $0.database == plan.server.database || JournalIdentity.isSame($0, plan.server)
      }
    }
    for plan in plans where known(plan) { try JournalIdentity.check(records, plan.server, path: path) }
    if let plan = plans.first, !plans.contains(where: known) {
      try JournalIdentity.check(records, plan.server, path: path)
    }
  }
}
