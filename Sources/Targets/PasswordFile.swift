public import AccessModel
internal import Glibc

/// libpq's password file: `host:port:database:user:password` on each line, https://www.postgresql.org/docs/current/libpq-pgpass.html
public enum PasswordFile {
  /// The line that is for a connection.
  public struct Match: Sendable, Hashable {
    public let path: String
    public let line: Int
    /// What libpq makes of it: the text up to the next colon that no backslash protects.
    public let password: Secret
    /// Whether the password goes on after an unprotected colon; libpq drops the rest.
    public let isCut: Bool
  }

  /// The first line that is for this connection, as libpq picks it.
  ///
  /// A file that others may read is ignored, as libpq does.
  public static func match(
    path: String, host: String, port: String, database: String, user: String
  ) throws(UnreadableFile) -> Match? {
    var information = stat()
    guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG,
      information.st_mode & (S_IRWXG | S_IRWXO) == 0
    else { return nil }
    guard let lines = try TextFile.lines(path) else { return nil }
    let wanted = [host, port, database, user]
    for line in lines where !line.text.hasPrefix("#") {
      var rest = line.text
      let fields = (0..<4).map { _ in field(&rest) }
      guard zip(fields, wanted).allSatisfy({ ($0.isAny || $0.text == $1) && $0.ended }) else { continue }
      guard line.isUTF8 else { throw .notUTF8(path, line: line.number) }
      let password = field(&rest)
      return Match(path: path, line: line.number, password: Secret(password.text), isCut: password.ended)
    }
    return nil
  }

  /// A field, whether a colon ended it, and whether it is a bare `*`.
  private typealias Field = (text: String, ended: Bool, isAny: Bool)

  /// Takes the next field off `rest`; a backslash protects the character after it.
  private static func field(_ rest: inout Substring) -> Field {
    let start = rest
    var text = ""
    while let character = rest.popFirst() {
      if character == ":" { return (text, true, start.hasPrefix("*:")) }
      if character == "\\", let next = rest.popFirst() {
        text.append(next)
      } else {
        text.append(character)
      }
    }
    return (text, false, start == "*")
  }
}
