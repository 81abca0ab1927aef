internal import AccessModel

/// The parameters of a token.
struct TokenQuery {
  private var values: [String: String] = [:]
  private(set) var duplicates: [String] = []
  private(set) var doublyEncoded: [String] = []
  private(set) var foreign: [String] = []

  init(_ query: String) {
    var parameters = query.utf8.split(separator: UInt8(ascii: "&")).map { Substring($0) }
    // The signature is the last one. Without it the token was cut, and what is last now is not whole.
    let isWhole = parameters.contains { $0.hasPrefix("X-Amz-Signature=") }
    if !isWhole { parameters = parameters.dropLast() }
    for parameter in parameters {
      let equals = parameter.utf8.firstIndex(of: UInt8(ascii: "=")) ?? parameter.endIndex
      let name = String(parameter[..<equals]).percentDecoded
      let raw = Substring(parameter[equals...].utf8.dropFirst())
      guard values[name] == nil else {
        if !duplicates.contains(name) { duplicates.append(name) }
        continue
      }
      values[name] = String(raw).percentDecoded
      // A user may have a per cent sign of its own; keys and session tokens never have one.
      if name != "DBUser", raw.has("%25") { doublyEncoded.append(name) }
      if !Self.known.contains(name), !name.hasPrefix("X-Amz-") { foreign.append(name) }
    }
  }

  subscript(name: String) -> String? { values[name] }

  /// Whether the action is one of Aurora DSQL's.
  var isDSQL: Bool { values["Action"]?.hasPrefix("DbConnect") ?? false }

  /// What every token of a service has, in the order of emission. The session token belongs to temporary keys only.
  static func expected(_ service: TokenReading.Service) -> [String] {
    known.filter { name in
      name != "X-Amz-Security-Token" && (service == .rds || name != "DBUser")
    }
  }

  private static let known = [
    "Action", "DBUser", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
    "X-Amz-SignedHeaders", "X-Amz-Security-Token", "X-Amz-Signature",
  ]

  /// Decoded until nothing is encoded any more, so that a scope that was encoded twice can be read all the same.
  static func decodedFully(_ value: String) -> String {
    var value = value
    for _ in 0..<3 where value.has("%") { value = value.percentDecoded }
    return value
  }
}

extension String {
  /// The text with each `%XX` replaced by its byte; what is not followed by two hexadecimal digits stays.
  package var percentDecoded: String {
    guard utf8.contains(UInt8(ascii: "%")) else { return self }
    let bytes = Array(utf8)
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
        let high = bytes[index + 1].hexadecimalValue,
        let low = bytes[index + 2].hexadecimalValue
      {
        decoded.append(high << 4 | low)
        index += 3
      } else {
        decoded.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: decoded, as: UTF8.self)
  }
}

extension UInt8 {
  fileprivate var hexadecimalValue: UInt8? {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
