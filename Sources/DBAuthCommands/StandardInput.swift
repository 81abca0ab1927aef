internal import AccessModel
internal import Glibc

/// What is piped into the program.
enum StandardInput {
  static let descriptor = STDIN_FILENO

  static var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Everything up to its end.
  ///
  /// - Throws: ``StandardInputError`` when it cannot be read, or has more than `limit` bytes.
  static func bytes(limit: Int) throws(StandardInputError) -> [UInt8] {
    var all: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count > 0 {
        all += buffer[..<count]
        guard all.count <= limit else { throw StandardInputError(problem: "it has more than \(limit) bytes") }
      } else if count == 0 {
        return all
      } else if errno != EINTR {
        throw StandardInputError(problem: String(cString: strerror(errno)))
      }
    }
  }
}

/// Stdin could not be read.
struct StandardInputError: ConfigurationError {
  let problem: String

  var description: String { "could not read stdin: \(problem)" }
}
