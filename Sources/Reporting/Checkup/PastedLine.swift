/// A line of a fix that is meant to be pasted: a break in it would end up in the shell.
enum PastedLine {
  /// How commands, statements and settings begin; an indented line is one too.
  private static let beginnings = [
    "  ", "dbauth-admin ", "curl ", "aws ", "psql ", "openssl ", "export ", "GRANT ", "REVOKE ", "ALTER ",
    "CREATE ",
    "-d ", "-U ", "--", "sslmode=", "host=", "#", "SELECT ", "DROP ", "eval ", "mysql ", "kubectl ",
    "install ",
    "ssh ", "$ ",
  ]
  /// How a line ends that a shell goes on from, and how a statement ends.
  private static let ends = ["\\", ";"]

  static func matches(_ line: some StringProtocol) -> Bool {
    beginnings.contains { line.hasPrefix($0) } || ends.contains { line.hasSuffix($0) } || isAssignment(line)
  }

  /// `PGPASSWORD="$(…)" psql`, `id=$(…)`: no prose has a name and an equals sign in one word at its beginning.
  private static func isAssignment(_ line: some StringProtocol) -> Bool {
    let name = line.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    return !name.isEmpty && line.dropFirst(name.count).hasPrefix("=")
  }
}
