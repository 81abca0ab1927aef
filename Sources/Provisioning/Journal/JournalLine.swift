internal import FoundationEssentials

/// The bytes of one record of a transaction: the JSON that `JournalRecord` decodes, without a checksum.
///
/// The server waits while it is written, and `JSONEncoder` would take a fifth of the processor time of a whole apply.
/// So the changes that come by the thousand are written by hand, in a tenth of its time.
struct JournalLine {
  private(set) var bytes: [UInt8] = []

  init(_ batch: JournalRecord.Batch) throws {
    bytes.reserveCapacity(128 * (batch.changes.count + 1))
    raw("{\"batch\":{")
    field("database", batch.database)
    field("transaction", batch.transaction)
    if let watched = batch.watched {
      name("watched")
      raw(watched ? "true" : "false")
    }
    name("changes")
    raw("[")
    for change in batch.changes {
      separate()
      try write(change)
    }
    raw("]}}")
  }

  private mutating func write(_ change: JournaledChange) throws {
    switch change.undo {
    case .owner, .access: writeObject(change)
    case .dropRole, .revokeRole, .ended, .loginRole, .defaultPrivilege:
      bytes.append(contentsOf: try JSONEncoder().encode(change))  // a handful in any run
    }
  }

  private mutating func writeObject(_ change: JournaledChange) {
    raw("{")
    field("undo", change.undo.rawValue)
    field("object", change.object)
    field("catalog", change.catalog?.rawValue)
    field("oid", change.oid)
    field("from", change.from)
    field("to", change.to)
    field("definition", change.definition)
    if let access = change.access {
      name("access")
      raw("{")
      field("acl", access.acl)
      field("columns", access.columns)
      field("sequences", access.sequences)
      raw("}")
    }
    field("privileges", change.privileges)
    raw("}")
  }

  /// What is written of a change of owner or access, by hand.
  static let fields: Set<String> = [
    "undo", "object", "catalog", "oid", "from", "to", "definition", "access", "privileges",
  ]
  /// What such a change never has.
  static let otherFields: Set<String> = [
    "role", "roleOID", "member", "memberships", "owners", "interim", "privilege",
  ]
  static let accessFields: Set<String> = ["acl", "columns", "sequences"]

  /// A comma, unless something has just been opened.
  private mutating func separate() {
    if let last = bytes.last, last != UInt8(ascii: "{"), last != UInt8(ascii: "[") {
      bytes.append(UInt8(ascii: ","))
    }
  }

  private mutating func name(_ name: StaticString) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    raw(name)
    raw("\":")
  }

  private mutating func field(_ name: StaticString, _ value: String?) {
    guard let value else { return }
    self.name(name)
    string(value)
  }

  private mutating func field(_ name: StaticString, _ value: UInt32?) {
    guard let value else { return }
    self.name(name)
    bytes.append(contentsOf: String(value).utf8)
  }

  private mutating func field(_ name: StaticString, _ values: [String: String]?) {
    guard let values else { return }
    self.name(name)
    raw("{")
    for (key, value) in values.sorted(by: { $0.key < $1.key }) {
      separate()
      string(key)
      raw(":")
      string(value)
    }
    raw("}")
  }

  private mutating func raw(_ text: StaticString) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  /// Escapes what https://www.rfc-editor.org/rfc/rfc8259#section-7 says has to be.
  private mutating func string(_ value: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in value.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case 0..<0x20:
        raw("\\u00")
        bytes.append(contentsOf: [Self.digits[Int(byte >> 4)], Self.digits[Int(byte & 15)]])
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private static let digits = Array("0123456789abcdef".utf8)
}
