import FoundationEssentials
import Glibc

/// `embed-files NAME ROOT OUTPUT FILE…` writes OUTPUT, a Swift source in which the enumeration NAME holds the FILEs,
/// each under its path below ROOT.
@main
enum Main {
  static func main() {
    do {
      try embed(CommandLine.arguments.dropFirst())
    } catch {
      // SwiftPM shows a line of this form as an error of the build.
      print("error: \(error)")
      exit(1)
    }
  }

  private static func embed(_ arguments: ArraySlice<String>) throws {
    var arguments = arguments
    guard arguments.count >= 3 else { throw EmbeddingError.usage }
    let name = arguments.removeFirst()
    let root = arguments.removeFirst() + "/"
    let output = arguments.removeFirst()
    let files = try arguments.map { path in
      guard path.hasPrefix(root) else { throw EmbeddingError.outside(path: path, root: root) }
      let contents = try Data(contentsOf: URL(filePath: path))
      guard let text = String(validating: contents, as: UTF8.self) else {
        throw EmbeddingError.notText(path: path)
      }
      return EmbeddedSource.File(path: String(path.dropFirst(root.count)), text: text)
    }
    try Data(EmbeddedSource(name: name, files: files).text.utf8).write(to: URL(filePath: output))
  }
}

/// Why files could not be embedded.
enum EmbeddingError: Error, CustomStringConvertible {
  case usage
  case outside(path: String, root: String)
  case notText(path: String)

  var description: String {
    switch self {
    case .usage: "usage: embed-files NAME ROOT OUTPUT FILE…"
    case .outside(let path, let root): "\(path): is not below \(root)"
    case .notText(let path): "\(path): is not UTF-8 text, and only text can be embedded"
    }
  }
}
