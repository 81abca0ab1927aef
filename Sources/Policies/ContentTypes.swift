internal import AccessModel
internal import Mustache

/// The inside of a JSON string (RFC 8259).
struct JSONContent: MustacheContentType {
  func escapeText(_ text: String) -> String {
    JSONEscape.string(text)
  }
}

/// The inside of a quoted string of HCL: JSON's escapes, and `${` and `%{`, which begin templates, doubled.
struct HCLContent: MustacheContentType {
  func escapeText(_ text: String) -> String {
    TemplateEscaping.escape(JSONContent().escapeText(text))
  }
}

/// The inside of a JSON string that Terraform reads as a template. The doubled signs mean the same to it as in HCL.
struct TerraformJSONContent: MustacheContentType {
  func escapeText(_ text: String) -> String {
    JSONContent().escapeText(TemplateEscaping.escape(text))
  }
}

enum TemplateEscaping {
  /// The text with the sign of each `${` and `%{` doubled.
  static func escape(_ text: String) -> String {
    var escaped = ""
    var rest = text[...]
    while let character = rest.first {
      rest.removeFirst()
      escaped.append(character)
      if character == "$" || character == "%", rest.first == "{" { escaped.append(character) }
    }
    return escaped
  }
}

extension MustacheContentTypes {
  /// Makes the languages known to templates under the names of their `CONTENT_TYPE` lines, once.
  static let registered: Void = {
    register(JSONContent(), named: "JSON")
    register(HCLContent(), named: "HCL")
    register(TerraformJSONContent(), named: "TERRAFORM_JSON")
  }()
}
