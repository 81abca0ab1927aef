internal import Files
internal import Sockets

/// The system's own table of names, hosts(5): one address per line with its names, `#` begins a comment.
package struct HostsFile {
  package let path: String

  package init(path: String) { self.path = path }

  /// Every address of `name`, IPv4 first; nil when it has none, or the file cannot be read.
  package func lookUp(_ name: String) -> [AddressRecord]? {
    guard let text = content else { return nil }
    let key = DNSName.key(name)
    var found: [AddressRecord] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let fields = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
      guard fields.count > 1, fields.dropFirst().contains(where: { DNSName.key(String($0)) == key }),
        let address = SocketAddress(String(fields[0]), port: 0)
      else { continue }
      let record = AddressRecord(address: address.host, isIPv6: address.family == .ipv6)
      if !found.contains(record) { found.append(record) }
    }
    return found.isEmpty ? nil : found.filter { !$0.isIPv6 } + found.filter(\.isIPv6)
  }

  private var content: String? {
    (try? RegularFile.read(path, limit: Self.sizeLimit)).map { String(decoding: $0.bytes, as: UTF8.self) }
  }

  /// Lists of blocked names have some 100,000 lines, 4 MB.
  private static let sizeLimit = 64 << 20
}
