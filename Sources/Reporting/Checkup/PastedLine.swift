/// A line of a fix that is meant to be pasted: a break in it would end up in the shell.
enum PastedLine {
  /// How commands, statements and settings begin; an indented line is one too.
  private static let beginnings = [
    "  ", "dbauth-admin ", "curl ", "aws ", "psql ", "openssl ", "export ", "GRANT ", "REVOKE ", "ALTER ",
    "CREATE ",
    "-d ", "-U ", "--", "sslmode=", "host=", "#",
  ]

  static func matches(_ line: some StringProtocol) -> Bool { beginnings.contains { line.hasPrefix($0) } }
}
