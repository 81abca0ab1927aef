/// A token cut at its first question mark: where it is for, and what it says.
struct TokenParts {
  let scheme: String?
  let host: String
  let port: String?
  let hasForeignPath: Bool
  let query: String

  init(_ text: String) {
    var rest = text[...]
    if let mark = rest.place(of: "://"), !rest[..<mark.lowerBound].has("?") {
      scheme = String(rest[..<mark.upperBound])
      rest = rest[mark.upperBound...]
    } else {
      scheme = nil
    }
    let place: Substring
    if let question = rest.utf8.firstIndex(of: UInt8(ascii: "?")) {
      place = rest[..<question]
      rest = rest[rest.utf8.index(after: question)...]
    } else if let parameter = rest.place(of: "Action=") ?? rest.place(of: "X-Amz-") {
      // The question mark itself is lost.
      place = rest[..<parameter.lowerBound]
      rest = rest[parameter.lowerBound...]
    } else {
      place = rest
      rest = ""
    }
    let fragment = rest.utf8.firstIndex(of: UInt8(ascii: "#")) ?? rest.endIndex
    query = String(rest[..<fragment])

    let authority = place[..<(place.utf8.firstIndex(of: UInt8(ascii: "/")) ?? place.endIndex)]
    hasForeignPath = place[authority.endIndex...] != "/" || fragment != rest.endIndex
    // An address of IPv6 has colons of its own, between brackets.
    let bracket = authority.utf8.lastIndex(of: UInt8(ascii: "]")) ?? authority.startIndex
    if let colon = authority[bracket...].utf8.lastIndex(of: UInt8(ascii: ":")) {
      host = String(authority[..<colon])
      port = String(authority[authority.utf8.index(after: colon)...])
    } else {
      host = String(authority)
      port = nil
    }
  }
}
