internal import Postgres

/// Turns catalog rows into `ObjectFacts`.
struct ObjectReader {
  let session: Session

  /// The objects in a result of `OwnedCatalog.select`, and how many more belong to extensions.
  func objects(
    in catalog: OwnedCatalog, _ result: ResultSet
  ) async throws -> (objects: [ObjectFacts], inExtensions: Int) {
    var objects: [ObjectFacts] = []
    objects.reserveCapacity(result.count)
    var inExtensions = 0
    var schemas: [String: Identifier] = [:]
    let names = try await session.identifiers(
      result.map { try Self.name(result.text($0, 3), in: catalog) })
    for row in 0..<result.count {
      if result.flag(row, 7) {
        inExtensions += 1
        continue
      }
      guard let kind = ObjectKind(rawValue: result.text(row, 0)), let oid = UInt32(result.text(row, 1)) else {
        continue
      }
      var schema: Identifier?
      if let name = result[row, 2] {
        if schemas[name] == nil { schemas[name] = try await session.identifier(name) }
        schema = schemas[name]
      }
      objects.append(
        ObjectFacts(
          kind: kind, catalog: catalog, oid: oid, schema: schema,
          name: names[row], suffix: try ServerWords.suffix(result.text(row, 4), of: names[row].display),
          owner: result.text(row, 5), locks: result.integer(row, 6)))
    }
    return (objects, inExtensions)
  }

  /// A name; where it is not quoted, proved to need no quotation marks.
  private static func name(_ text: String, in catalog: OwnedCatalog) throws -> String {
    switch catalog {
    case .operator: try ServerWords.operatorName(text)
    case .largeObject: try ServerWords.number(text)
    default: text
    }
  }
}
