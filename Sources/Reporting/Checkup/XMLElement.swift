internal import AccessModel

/// An XML element as text. What XML 1.0 cannot carry, not even as a reference, is written as a visible escape.
struct XMLElement {
  var name: String
  var attributes: [(String, String)]
  var text: String
  var children: [XMLElement]

  init(_ name: String, _ attributes: [(String, String)] = [], text: String = "", children: [XMLElement] = [])
  {
    self.name = name
    self.attributes = attributes
    self.text = text
    self.children = children
  }

  /// The document with its declaration.
  var document: String { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + render("") }

  private func render(_ indent: String) -> String {
    var start = "\(indent)<\(name)"
    for (name, value) in attributes { start += " \(name)=\"\(Self.escape(value, inAttribute: true))\"" }
    if children.isEmpty, text.isEmpty { return start + "/>\n" }
    if children.isEmpty { return "\(start)>\(Self.escape(text, inAttribute: false))</\(name)>\n" }
    return start + ">\n" + children.map { $0.render(indent + "  ") }.joined() + "\(indent)</\(name)>\n"
  }

  /// Escapes every `>` too, so that no text can end a CDATA section; line ends in attributes, which a parser would turn
  /// into spaces (https://www.w3.org/TR/xml/#AVNormalize); and what steers whoever shows the document as text.
  static func escape(_ text: String, inAttribute: Bool) -> String {
    var escaped = ""
    let marks = Set(WorkflowCommand.marks(in: text))
    for (index, scalar) in zip(text.unicodeScalars.indices, text.unicodeScalars) {
      switch scalar {
      case _ where marks.contains(index): escaped += "&#\(scalar.value);"
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"" where inAttribute: escaped += "&quot;"
      case "\n" where inAttribute, "\t", "\r": escaped += "&#\(scalar.value);"
      case "\n": escaped.unicodeScalars.append(scalar)
      case _ where !scalar.steersDisplay: escaped.unicodeScalars.append(scalar)
      case _ where scalar.isXML: escaped += "&#\(scalar.value);"
      default: escaped += ShownText.escape(scalar)
      }
    }
    return escaped
  }
}

extension Unicode.Scalar {
  /// Whether a document can have it, if only as a reference: https://www.w3.org/TR/xml/#NT-Char
  fileprivate var isXML: Bool {
    switch value {
    case 0..<0x20, 0xFFFE...0xFFFF: value == 0x9 || value == 0xA || value == 0xD
    default: true
    }
  }
}
