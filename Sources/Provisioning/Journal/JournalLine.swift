/// The bytes of one record of a transaction: the JSON that `JournalRecord` decodes, written without reflection.
///
/// While a record is written the server waits, and `JSONEncoder` takes as long for a thousand changes as the server
/// does for fifty; this takes a tenth of that.
struct JournalLine {
  private(set) var bytes: [UInt8] = []

  init(_ batch: JournalRecord.Batch) {
    bytes.reserveCapacity(128 * (batch.changes.count + 1))
    raw("{\"batch\":{")
    field("database", batch.database)
    field("transaction", batch.transaction)
    name("changes")
    raw("[")
    for change in batch.changes {
      separate()
      write(change)
    }
    raw("]}}\n")
  }

  private mutating func write(_ change: JournaledChange) {
    raw("{")
    field("undo", change.undo.rawValue)
    field("object", change.object)
    field("catalog", change.catalog?.rawValue)
    field("oid", change.oid)
    field("from", change.from)
    field("to", change.to)
    field("role", change.role)
    field("member", change.member)
    if let access = change.access {
      name("access")
      raw("{")
      field("acl", access.acl)
      field("columns", access.columns)
      field("sequences", access.sequences)
      raw("}")
    }
    if let privilege = change.privilege {
      name("privilege")
      raw("{")
      field("owner", privilege.owner)
      field("schema", privilege.schema)
      field("objects", privilege.objects)
      field("privilege", privilege.privilege)
      field("grantee", privilege.grantee)
      field("grantable", privilege.grantable)
      raw("}")
    }
    raw("}")
  }

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

  private mutating func field(_ name: StaticString, _ value: Bool) {
    self.name(name)
    raw(value ? "true" : "false")
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
