/// A token cut at its first question mark: where it is for, and what it says.
struct TokenParts {
  let scheme: String?
  let host: String
  let port: String?
  let hasForeignPath: Bool
  let query: String

  init(_ text: String) {
    var rest = text[...]
    if let mark = rest.firstRange(of: "://"), !rest[..<mark.lowerBound].contains("?") {
      scheme = String(rest[..<mark.upperBound])
      rest = rest[mark.upperBound...]
    } else {
      scheme = nil
    }
    let place: Substring
    if let question = rest.firstIndex(of: "?") {
      place = rest[..<question]
      rest = rest[rest.index(after: question)...]
    } else if let parameter = rest.firstRange(of: "Action=") ?? rest.firstRange(of: "X-Amz-") {
      // The question mark itself is lost.
      place = rest[..<parameter.lowerBound]
      rest = rest[parameter.lowerBound...]
    } else {
      place = rest
      rest = ""
    }
    let fragment = rest.firstIndex(of: "#") ?? rest.endIndex
    query = String(rest[..<fragment])

    let authority = place.prefix { $0 != "/" }
    hasForeignPath = place[authority.endIndex...] != "/" || fragment != rest.endIndex
    // An address of IPv6 has colons of its own, between brackets.
    let bracket = authority.lastIndex(of: "]") ?? authority.startIndex
    if let colon = authority[bracket...].lastIndex(of: ":") {
      host = String(authority[..<colon])
      port = String(authority[authority.index(after: colon)...])
    } else {
      host = String(authority)
      port = nil
    }
  }
}
