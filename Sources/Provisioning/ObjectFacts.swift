public import Postgres

/// One owned object as the catalog shows it.
public struct ObjectFacts: Sendable {
  public var kind: ObjectKind
  public var catalog: OwnedCatalog
  public var oid: UInt32
  public var schema: Identifier?
  public var name: Identifier
  /// What follows the name in SQL: a routine's arguments, an operator class's access method; see ``ServerWords``.
  public var suffix: String
  public var owner: String
  /// Locks that changing its owner takes.
  public var locks: Int
  /// What it must still be when it moves; nil: whatever it does, it does no more as the new owner's.
  public var code: CodeDigest?

  public init(
    kind: ObjectKind, catalog: OwnedCatalog, oid: UInt32, schema: Identifier?, name: Identifier,
    suffix: String,
    owner: String, locks: Int
  ) {
    self.kind = kind
    self.catalog = catalog
    self.oid = oid
    self.schema = schema
    self.name = name
    self.suffix = suffix
    self.owner = owner
    self.locks = locks
  }

  /// The object in SQL.
  public var sql: String {
    let name = catalog.quotesName ? name.quoted : name.name
    return (schema.map { "\($0.quoted).\(name)" } ?? name) + suffix
  }

  /// The object for people.
  public var display: String {
    let name = catalog.quotesName ? name.display : name.name
    return (schema.map { "\($0.display).\(name)" } ?? name) + suffix
  }
}
