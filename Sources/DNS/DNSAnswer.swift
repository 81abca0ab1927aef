internal import CAres
internal import Sockets

/// The records of one answer that matter here, read from the message itself (RFC 1035 §4.1).
struct DNSAnswer {
  struct Address {
    var owner: String
    var record: AddressRecord
  }

  var status: DNSStatus
  var aliases: [CNAMERecord] = []
  var addresses: [Address] = []

  init(status: DNSStatus) { self.status = status }

  init(_ message: [UInt8]) {
    guard message.count >= Self.headerLength else {
      status = .malformed
      return
    }
    switch message[3] & 0x0F {
    case 0: status = .noData
    case 3: status = .nxDomain
    case 5: status = .refused
    case 1: status = .malformed  // FORMERR: the server could not read the question
    default: status = .serverFailure
    }
    var reader = DNSMessageReader(message, position: Self.headerLength)
    do throws(DNSMessageReader.Malformed) {
      for _ in 0..<Self.count(in: message, at: 4) {
        _ = try reader.name()
        try reader.skip(4)
      }
      for _ in 0..<Self.count(in: message, at: 6) { try readRecord(&reader) }
    } catch {
      self = DNSAnswer(status: .malformed)
    }
    if status == .noData, !addresses.isEmpty { status = .answered }
  }

  private mutating func readRecord(_ reader: inout DNSMessageReader) throws(DNSMessageReader.Malformed) {
    let owner = try reader.name()
    let type = try reader.number(bytes: 2)
    let dnsClass = try reader.number(bytes: 2)
    let ttl = try reader.number(bytes: 4)
    let length = try reader.number(bytes: 2)
    let end = reader.position + length
    guard end <= reader.message.count else { throw DNSMessageReader.Malformed() }
    // A TTL with its highest bit set counts as 0 (RFC 2181 §8).
    let seconds = ttl > Int(Int32.max) ? 0 : ttl
    switch (dnsClass, type, length) {
    case (1, 5, _): aliases.append(CNAMERecord(owner: owner, target: try reader.name(), ttl: seconds))
    case (1, 1, 4), (1, 28, 16):
      let bytes = Array(reader.message[reader.position..<end])
      let record = AddressRecord(
        address: SocketAddress(networkBytes: bytes, port: 0)?.host ?? "", ttl: seconds, isIPv6: type == 28)
      addresses.append(Address(owner: owner, record: record))
    default: break
    }
    reader.position = end
  }

  private static func count(in message: [UInt8], at offset: Int) -> Int {
    Int(message[offset]) << 8 | Int(message[offset + 1])
  }

  private static let headerLength = 12
}

/// Reads a DNS message from front to back.
struct DNSMessageReader {
  struct Malformed: Error {}

  let message: [UInt8]
  var position: Int

  init(_ message: [UInt8], position: Int) {
    self.message = message
    self.position = position
  }

  mutating func skip(_ count: Int) throws(Malformed) {
    guard position + count <= message.count else { throw Malformed() }
    position += count
  }

  mutating func number(bytes count: Int) throws(Malformed) -> Int {
    let start = position
    try skip(count)
    return message[start..<position].reduce(0) { $0 << 8 | Int($1) }
  }

  /// A name, compressed or not, as text without the root's dot.
  mutating func name() throws(Malformed) -> String {
    guard position < message.count else { throw Malformed() }
    var text: UnsafeMutablePointer<CChar>?
    var length = 0
    let status = message.withUnsafeBufferPointer { buffer in
      ares_expand_name(
        buffer.baseAddress! + position, buffer.baseAddress, Int32(buffer.count), &text, &length)
    }
    guard status == ARES_SUCCESS, let text else { throw Malformed() }
    defer { ares_free_string(text) }
    position += length
    return String(cString: text)
  }
}
