/// Tells whether a journal belongs to the database at hand.
enum JournalIdentity {
  /// - Throws: `SetupProblem` when a record was written for another database.
  static func check(_ records: [JournalRecord], _ server: ServerFacts, path: String) throws {
    for begin in records.compactMap(\.begin) where begin.database == server.database {
      let sameCluster =
        begin.systemIdentifier == nil || server.systemIdentifier == nil
        || begin.systemIdentifier == server.systemIdentifier
      guard sameCluster, begin.databaseOID == server.databaseOID else {
        throw problem(path, begin, server, "its database of that name is another one")
      }
    }
    let begins = records.compactMap(\.begin)
    if let other = begins.first, !begins.contains(where: { $0.database == server.database }) {
      throw problem(path, other, server, "it has no record of this database")
    }
  }

  private static func problem(
    _ path: String, _ begin: JournalRecord.Begin, _ server: ServerFacts, _ why: String
  ) -> SetupProblem {
    SetupProblem(
      .usage, "journal-of-another-database",
      "journal \(path) was written for database \"\(begin.database)\" at \(begin.host):\(begin.port)"
        + (begin.database == server.database
          ? ", another server than this" : ", not for \"\(server.database)\""),
      why: why, fix: "name this database's own journal with --journal; nothing was changed")
  }

  /// Roles that the journal shows setup itself to have created.
  static func createdRoles(_ records: [JournalRecord]) -> Set<String> {
    Set(records.compactMap(\.batch).flatMap(\.changes).filter { $0.undo == .dropRole }.compactMap(\.role))
  }
}

extension Journal {
  /// Roles that earlier runs of apply created, so that going on does not take them for somebody else's.
  ///
  /// - Throws: `SetupProblem` when the file is not a journal.
  public static func createdRoles(_ path: String) throws -> Set<String> {
    JournalIdentity.createdRoles(try records(path))
  }

  /// Makes sure that an existing journal belongs to the database of a plan.
  ///
  /// - Throws: `SetupProblem` when it was written for another one.
  public func check(_ plans: [Plan]) throws {
    let records = try records()
    for plan in plans where records.contains(where: { $0.begin?.database == plan.server.database }) {
      try JournalIdentity.check(records, plan.server, path: path)
    }
    if let plan = plans.first,
      !plans.contains(where: { plan in records.contains { $0.begin?.database == plan.server.database } })
    {
      try JournalIdentity.check(records, plan.server, path: path)
    }
  }
}
