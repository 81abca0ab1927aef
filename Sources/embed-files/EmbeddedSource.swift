/// The Swift source that holds a folder's files, as an extension of the enumeration that the folder declares.
struct EmbeddedSource {
  /// A file by its path below the folder.
  struct File {
    let path, text: String
  }

  let name: String
  let files: [File]

  /// The source's text. Contents are `StaticString` literals: they stay in the binary's constant data until one of
  /// them is asked for, and compile in seconds where raw or multi-line literals take minutes.
  var text: String {
    let entries = files.sorted { $0.path < $1.path }.map { file in
      "    File(path: \(Self.literal(file.path)), contents: \(Self.literal(file.text))),\n"
    }
    return """
      // Made by embed-files. Edit the files in the folder instead.

      extension \(name) {
        /// A text file, as it was when the binary was built.
        public struct File: Sendable {
          /// The path below the folder, with slashes.
          public let path: String
          let contents: StaticString

          /// The file's text.
          public var text: String { contents.description }
        }

        /// All files, sorted by path.
        public static let all: [File] = [
      \(entries.joined())  ]

        /// The file at a path below the folder, or nil.
        public static subscript(path: String) -> File? {
          all.first { $0.path == path }
        }
      }

      """
  }

  /// A text as a Swift literal, on one line.
  static func literal(_ text: String) -> String {
    var literal = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": literal += "\\" + String(scalar)
      case "\n": literal += "\\n"
      case "\t": literal += "\\t"
      case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) || scalar == "\u{FEFF}":
        literal += "\\u{\(String(scalar.value, radix: 16))}"
      default: literal.unicodeScalars.append(scalar)
      }
    }
    return literal + "\""
  }
}
