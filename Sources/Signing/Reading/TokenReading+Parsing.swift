internal import AccessModel
internal import FoundationEssentials

extension TokenReading {
  /// Reads a text that is meant to be a token, however damaged; nil for what is none, such as a password.
  public init?(_ text: String) {
    let text = TokenText(text)
    guard let core = text.core else { return nil }
    let parts = TokenParts(core)
    let query = TokenQuery(parts.query)

    service = query.isDSQL || (DatabaseEndpoint(parts.host)?.kind == .dsql) ? .dsql : .rds
    scheme = parts.scheme
    // Parts that a damaged token has in the wrong place must not show its secrets.
    host = Self.beforeParameters(parts.host, ["&"])
    portText = parts.port.map { Self.beforeParameters($0, ["&"]) }
    action = query["Action"].map { Self.beforeParameters($0) }
    user = query["DBUser"].map { Self.beforeParameters($0) }
    algorithm = query["X-Amz-Algorithm"].map { Self.beforeParameters($0) }
    let credential = query["X-Amz-Credential"].map(TokenQuery.decodedFully)?.utf8
      .split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { Self.beforeParameters(String(Substring($0)))[...] }
    accessKeyIDSuffix = credential?.first.map { String($0.suffix(4)) }
    keyKind = credential?.first.map { KeyKind(keyID: $0) }
    scope = credential.flatMap { Scope($0.dropFirst()) }
    signedAt = query["X-Amz-Date"].flatMap { Date(basicUTC: $0) }
    lifetime = query["X-Amz-Expires"].flatMap { Int($0) }
    signedHeaders = query["X-Amz-SignedHeaders"].map { Self.beforeParameters($0) }
    hasSessionToken = !(query["X-Amz-Security-Token"] ?? "").isEmpty
    signature = Signature(query["X-Amz-Signature"])
    length = text.length
    blemishes = text.blemishes
    doublyEncoded = (text.isEncodedAsAWhole ? ["token"] : []) + query.doublyEncoded
    duplicates = query.duplicates
    missing = TokenQuery.expected(service).filter { query[$0] == nil }
    foreign = query.foreign
    hasForeignPath = parts.hasForeignPath
  }

  /// The text up to where another parameter of the token begins, of whose name the beginning may be lost.
  private static func beforeParameters(_ text: String, _ signs: [String] = []) -> String {
    (signs + ["X-Amz-", "Amz-", "oken=", "ignature=", "redential="]).reduce(text) { text, sign in
      text[...].place(of: sign).map { String(text[..<$0.lowerBound]) } ?? text
    }
  }
}

extension TokenReading.KeyKind {
  /// Source: the prefixes in IAM's "Understanding unique ID prefixes".
  init(keyID: some StringProtocol) {
    self = keyID.hasPrefix("AKIA") ? .longTerm : keyID.hasPrefix("ASIA") ? .temporary : .unknown
  }
}

extension TokenReading.Scope {
  init?(_ parts: ArraySlice<Substring>) {
    let parts = Array(parts)
    guard parts.count == 4 else { return nil }
    (date, region) = (String(parts[0]), String(parts[1]))
    (service, terminator) = (String(parts[2]), String(parts[3]))
  }
}

extension TokenReading.Signature {
  /// Hexadecimal digits of a SHA-256.
  static let digits = 64

  init(_ value: String?) {
    guard let value, !value.isEmpty else {
      self = .missing
      return
    }
    let isHexadecimal = value.utf8.allSatisfy { byte in
      byte.isASCIIDigit || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
    }
    if isHexadecimal {
      self =
        value.utf8.count == Self.digits
        ? .complete : value.utf8.count < Self.digits ? .short(value.utf8.count) : .malformed
    } else {
      self = value.isMask ? .masked : .malformed
    }
  }
}

extension StringProtocol {
  /// Whether this stands for a secret that was taken out: `***`, `xxxxx`, `[REDACTED]`, `<masked>`, `…`.
  var isMask: Bool {
    let word = lowercased()
    if word.count >= 3, word.allSatisfy({ $0 == "*" || $0 == "•" }) { return true }
    if word.count >= 3, word.allSatisfy({ $0 == "x" || $0 == "." }) { return true }
    if word.contains("***") || word == "…" { return true }
    return ["redacted", "masked", "hidden", "filtered", "removed"].contains(word.filter(\.isLetter))
  }
}

extension Date {
  /// `20240102T030405Z`, which SigV4 calls ISO 8601 basic format; nil for anything else.
  init?(basicUTC text: String) {
    let bytes = Array(text.utf8)
    guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z") else { return nil }
    func number(_ range: Range<Int>) -> Int? {
      bytes[range].reduce(Int?(0)) { sum, byte in
        byte.isASCIIDigit ? sum.map { $0 * 10 + Int(byte - UInt8(ascii: "0")) } : nil
      }
    }
    guard let year = number(0..<4), let month = number(4..<6), let day = number(6..<8),
      let hour = number(9..<11),
      let minute = number(11..<13), let second = number(13..<15),
      1...12 ~= month, 1...31 ~= day, hour < 24, minute < 60, second < 60
    else { return nil }
    // Days since 1970-01-01, counted in years that begin in March, so that the leap day is the last of a year.
    let (marchYear, marchMonth) = month > 2 ? (year, month - 3) : (year - 1, month + 9)
    let days = marchYear * 365 + marchYear / 4 - marchYear / 100 + marchYear / 400
    let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
    self.init(
      timeIntervalSince1970: Double(((days + dayOfYear - 719_468) * 24 + hour) * 3_600 + minute * 60 + second)
    )
  }
}
