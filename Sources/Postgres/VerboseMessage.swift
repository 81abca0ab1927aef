/// libpq's message about a connection that failed, as `PQERRORS_VERBOSE` has it, taken apart.
///
/// The verbose form is the only one that tells the SQLSTATE of a refused login:
///
///     connection to server at "h" (::1), port 5432 failed: FATAL:  28P01: password authentication failed for user "u"
///     LOCATION:  auth_failed, auth.c:326
struct VerboseMessage {
  /// The SQLSTATE of the first error, nil when all of it is libpq's own words.
  private(set) var sqlstate: String?
  /// The message as libpq shows it by default.
  private(set) var text = ""

  init(_ verbose: String) {
    var lines: [Substring] = []
    for line in verbose.split(separator: "\n") where !line.hasPrefix("LOCATION:  ") {
      guard
        let range = ["FATAL:  ", "ERROR:  ", "PANIC:  "].lazy.compactMap({ line.firstRange(of: $0) }).first
      else {
        lines.append(line)
        continue
      }
      let code = line[range.upperBound...].prefix(5)
      let rest = line[range.upperBound...].dropFirst(5)
      guard code.count == 5, rest.hasPrefix(": "),
        code.allSatisfy({ $0.isASCII && ($0.isUppercase || $0.isNumber) })
      else {
        lines.append(line)
        continue
      }
      sqlstate = sqlstate ?? String(code)
      lines.append(line[..<range.upperBound] + rest.dropFirst(2))
    }
    text = lines.joined(separator: "\n")
  }
}
