/// Names as DNS compares them: without regard to the case of ASCII letters and to a trailing dot.
enum DNSName {
  static func key(_ name: String) -> String {
    let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
    let bytes = withoutTrailingDot(name).utf8.map { capitals ~= $0 ? $0 | 0x20 : $0 }
    return String(decoding: bytes, as: UTF8.self)
  }

  static func withoutTrailingDot(_ name: String) -> String {
    name.hasSuffix(".") ? String(name.dropLast()) : name
  }
}
