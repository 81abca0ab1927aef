internal import Signing

/// A database token in a line of a log.
struct TokenSighting {
  let text: String
  /// Where the token's text begins and ends.
  let range: Range<Int>

  /// More in one line are a dump of something, of which these say enough.
  private static let most = 16

  /// The tokens in a line.
  ///
  /// - Parameters:
  ///   - isHeadless: the line's beginning is not here, so that what begins with these bytes is not whole.
  ///   - isTailless: the line's end is not here.
  static func all(
    in line: UnsafeRawBufferPointer, isHeadless: Bool = false, isTailless: Bool = false
  ) -> [TokenSighting] {
    var sightings: [TokenSighting] = []
    var position = 0
    let marks = PatternIndex.tokenMarks.map { Array($0.utf8) }
    while sightings.count < most,
      let mark = marks.compactMap({ line.firstIndex(of: $0, from: position) }).min()
    {
      let sighting = TokenSighting(around: mark, in: line)
      position = max(sighting.range.upperBound, mark + 1)
      let isWhole =
        !(isHeadless && sighting.range.lowerBound == 0)
        && !(isTailless && sighting.range.upperBound == line.count)
      if isWhole { sightings.append(sighting) }
    }
    return sightings
  }

  /// A number that is the same for tokens which differ in the time of day and the signature only: a program's own, one
  /// after the other. Whatever is wrong with one is wrong with all of them.
  var kind: Int {
    var bytes = Array(text.utf8)
    Self.blank(64, after: "X-Amz-Signature=", in: &bytes) { byte in
      UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
    }
    // The time of day, behind the day, which has to be that of the scope. 99:99:99 is judged with the others.
    Self.blank(6, after: "X-Amz-Date=", skipping: 9, in: &bytes) {
      UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
    }
    return bytes.hashValue
  }

  /// Overwrites bytes behind a name when all of them are as expected.
  private static func blank(
    _ count: Int, after name: String, skipping: Int = 0, in bytes: inout [UInt8],
    where isExpected: (UInt8) -> Bool
  ) {
    let name = Array(name.utf8)
    guard let place = bytes.withUnsafeBytes({ $0.firstIndex(of: name, from: 0) }) else { return }
    let start = place + name.count + skipping
    guard start + count <= bytes.count, bytes[start..<(start + count)].allSatisfy(isExpected) else { return }
    for index in start..<(start + count) { bytes[index] = UInt8(ascii: "0") }
  }

  private init(around mark: Int, in line: UnsafeRawBufferPointer) {
    var start = mark
    while start > 0, line[start - 1].isPlace { start -= 1 }
    var end = mark
    while end < line.count, !line[end].endsWord { end += 1 }
    while end > mark, ",;.)]}\\".utf8.contains(line[end - 1]) { end -= 1 }
    let run = String(decoding: line[start..<end], as: UTF8.self)
    // JSON writes an ampersand so.
    let plain = run.utf8.contains(UInt8(ascii: "\\")) ? run.replacing("\\u0026", with: "&") : run
    range = start..<end
    text = Self.password(of: plain)
  }

  /// The password, where the token is that of a URI: `postgresql://user:password@host/database`. It is decoded once, as
  /// clients do; whether it was encoded before that is for the reading to see.
  private static func password(of run: String) -> String {
    guard let scheme = run.firstRange(of: "://"), !["http", "https"].contains(run[..<scheme.lowerBound])
    else {
      return run.utf8.contains(where: { $0 == UInt8(ascii: "=") }) ? run : run.percentDecoded
    }
    let rest = run[scheme.upperBound...]
    guard let at = rest.lastIndex(of: "@"), let colon = rest[..<at].firstIndex(of: ":") else { return run }
    let password = String(rest[rest.index(after: colon)..<at])
    return password.contains("Action=") ? password : password.percentDecoded
  }
}

extension UInt8 {
  /// What may stand before a token's parameters: scheme, host, port, `/?`, encoded or not.
  fileprivate var isPlace: Bool {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: ".-_:/?%@~+".utf8.contains(self)
    }
  }
}
