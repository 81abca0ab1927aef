internal import Postgres

/// Owners and access privileges of objects, read inside the transaction that is about to change them.
struct FormerState {
  private var owners: [OwnedCatalog: [UInt32: String]] = [:]
  private var access: [OwnedCatalog: [UInt32: FormerAccess]] = [:]
  private var places: [OwnedCatalog: [UInt32: Place]] = [:]
  private var definitions: [ObjectKey: String] = [:]

  /// Where an object is to be found by name.
  struct Place: Equatable {
    var schema: String?
    var name: String

    init(schema: String?, name: String) {
      self.schema = schema
      self.name = name
    }

    /// Where a plan has found it.
    init(_ object: ObjectFacts) { self.init(schema: object.schema?.name, name: object.name.name) }
  }

  /// Every membership, where roles change.
  private(set) var memberships: [MembershipRow] = []
  /// Who owns something in which databases, where roles change.
  private var ownersByDatabase: [String: Set<UInt32>] = [:]
  /// OIDs of roles that the transaction has created.
  private(set) var roleOIDs: [String: UInt32] = [:]
  /// What those who get something by default have already.
  private(set) var holdings = GrantedHoldings()

  /// No objects, nothing to remember.
  init() {}

  mutating func readMemberships(_ server: ServerFacts, _ session: Session) async throws {
    memberships = try await MembershipRow.all(explicitOptions: server.hasMembershipOptions, session)
    ownersByDatabase = try await OwnersElsewhere.all(session)
  }

  /// Which of some roles, and of those they are members of, own something, and in which databases.
  func owners(among roles: [String]) -> [String: [UInt32]]? {
    let graph = MembershipGraph(edges: memberships.map { ($0.role, $0.member) })
    let all = roles.reduce(into: Set(roles)) { $0.formUnion(graph.roles(of: $1)) }
    let owners = ownersByDatabase.filter { all.contains($0.key) }.mapValues { $0.sorted() }
    return owners.isEmpty ? nil : owners
  }

  mutating func readHoldings(_ changes: [Change], _ session: Session) async throws {
    holdings = try await GrantedHoldings(changes, session)
  }

  mutating func readRoles(created changes: [Change], _ session: Session) async throws {
    let rows = try await session.query("SELECT rolname, oid FROM pg_roles")
    for row in 0..<rows.count { roleOIDs[rows.text(row, 0)] = UInt32(rows.text(row, 1)) }
  }

  func owner(of object: ObjectFacts) -> String? { owners[object.catalog]?[object.oid] }

  func place(of object: ObjectFacts) -> Place? { places[object.catalog]?[object.oid] }

  /// A checksum of what it does with its owner's privileges, if it does anything.
  func definition(of object: ObjectFacts) -> String? { definitions[ObjectKey(object)] }

  func access(of object: ObjectFacts) -> FormerAccess? { access[object.catalog]?[object.oid] }

  /// Reads it all in one round trip.
  static func read(_ objects: [ObjectFacts], _ session: Session) async throws -> FormerState {
    let readings = Reading.all(of: objects)
    guard !readings.isEmpty else { return FormerState() }
    let results = try await session.execute(readings.map(\.sql).joined(separator: ";\n"))
    return FormerState(readings, results)
  }

  /// Makes sense of the results of `readings`, one each and in their order.
  init(_ readings: [Reading], _ results: some Sequence<ResultSet>) {
    for (reading, rows) in zip(readings, results) {
      switch reading.part {
      case .objects: takeObjects(rows, reading.catalog)
      case .columns: takeParts(rows, \.columns)
      case .sequences: takeParts(rows, \.sequences)
      }
    }
  }

  private mutating func takeObjects(_ rows: ResultSet, _ catalog: OwnedCatalog) {
    for row in 0..<rows.count {
      let oid = UInt32(rows.text(row, 0)) ?? 0
      owners[catalog, default: [:]][oid] = rows.text(row, 1)
      if catalog.aclColumn != nil { access[catalog, default: [:]][oid] = FormerAccess(acl: rows[row, 2]) }
      if let definition = rows[row, 5] { definitions[ObjectKey(catalog: catalog, oid: oid)] = definition }
      places[catalog, default: [:]][oid] = Place(schema: rows[row, 3], name: rows.text(row, 4))
    }
  }

  private mutating func takeParts(
    _ rows: ResultSet, _ parts: WritableKeyPath<FormerAccess, [String: String]?>
  ) {
    for row in 0..<rows.count {
      let table = UInt32(rows.text(row, 0)) ?? 0
      var all = access[.relation]?[table]?[keyPath: parts] ?? [:]
      all[rows.text(row, 1)] = rows.text(row, 2)
      access[.relation]?[table]?[keyPath: parts] = all
    }
  }
}

extension FormerState {
  /// One statement that reads a part of it.
  struct Reading {
    enum Part { case objects, columns, sequences }

    let part: Part
    let catalog: OwnedCatalog
    let sql: String

    /// What has to be read of these objects. Object numbers are the only values, so no statement needs any bound
    /// and all of them fit one message.
    static func all(of objects: [ObjectFacts]) -> [Reading] {
      var readings: [Reading] = []
      for (catalog, members) in Dictionary(grouping: objects, by: \.catalog) {
        // In a subquery, since the planner would look each number up in its statistics, and then read whole catalogs.
        let oids = "(SELECT '\(oidArrayLiteral(Set(members.map(\.oid)).sorted()))'::oid[])::oid[]"
        readings.append(Reading(part: .objects, catalog: catalog, sql: catalog.state(oids)))
        guard catalog == .relation else { continue }
        readings.append(Reading(part: .columns, catalog: catalog, sql: columns(oids)))
        readings.append(Reading(part: .sequences, catalog: catalog, sql: sequences(oids)))
      }
      return readings
    }

    private static func columns(_ oids: String) -> String {
      """
      SELECT attrelid, attname, attacl::text FROM pg_attribute
      WHERE attrelid = ANY(\(oids)) AND attacl IS NOT NULL AND NOT attisdropped
      """
    }

    private static func sequences(_ oids: String) -> String {
      """
      SELECT d.refobjid, c.oid, c.relacl::text FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
      WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
        AND c.relkind = 'S' AND c.relacl IS NOT NULL AND d.refobjid = ANY(\(oids))
      """
    }
  }
}
