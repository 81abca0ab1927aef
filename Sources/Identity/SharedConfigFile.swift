public import AccessModel

/// The text of `~/.aws/config` or `~/.aws/credentials`, read by the rules of the AWS SDKs.
///
/// Both are INI files. A line that begins with `#` or `;` is a comment, and so is the rest of a value from white
/// space and one of these on. A line indented deeper than the setting above it belongs to that setting. Setting names
/// are compared without case, section names with it; a section that occurs twice is one section, and the last of two
/// equal settings counts.
struct SharedConfigFile: Sendable, Equatable {
  /// Which of the two files: they name the same profile `[profile x]` and `[x]`.
  enum Kind: Sendable {
    case config
    case credentials
  }

  /// A setting's value and the line that it stands on, counted from 1.
  struct Setting: Sendable, Equatable {
    let value: String
    let line: Int
  }

  /// Settings by profile and lower-case name. Sections that are not profiles (`[sso-session x]`) are left out.
  private(set) var profiles: [String: [String: Setting]] = [:]

  /// - Parameter path: what errors call the file.
  init(_ text: String, kind: Kind, path: String) throws(SharedConfigError) {
    var section = Section.none
    var settingIndent: Int?
    // `[profile default]` beats `[default]` in the config file, wherever it stands.
    var plainDefault: [String: Setting] = [:]

    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let number = index + 1
      let bare = index == 0 && line.hasPrefix("\u{FEFF}") ? line.dropFirst() : line
      let content = bare.trimmed
      guard let first = content.first, first != "#", first != ";" else { continue }
      let indent = bare.prefix { $0 == " " || $0 == "\t" }.count

      if first == "[" {
        section = try Section(header: content, kind: kind, path: path, line: number)
        settingIndent = nil
        if case .profile(let name) = section, profiles[name] == nil { profiles[name] = [:] }
        continue
      }
      if let settingIndent, indent > settingIndent { continue }
      guard let equals = content.firstIndex(of: "=") else {
        throw SharedConfigError(path: path, line: number, problem: .noEqualsSign)
      }
      let name = content[..<equals].trimmed.lowercased()
      guard !name.isEmpty else { throw SharedConfigError(path: path, line: number, problem: .noName) }
      settingIndent = indent
      let setting = Setting(value: Self.value(in: content[content.index(after: equals)...]), line: number)
      switch section {
      case .none: throw SharedConfigError(path: path, line: number, problem: .outsideSection)
      case .other: break
      case .profile(let profile): profiles[profile, default: [:]][name] = setting
      case .plainDefault: plainDefault[name] = setting
      }
    }
    if !plainDefault.isEmpty, profiles["default"] == nil { profiles["default"] = plainDefault }
  }

  /// What follows the equals sign, without a comment: one begins with `#` or `;` after white space.
  private static func value(in text: Substring) -> String {
    var end = text.startIndex
    var afterSpace = true
    while end < text.endIndex {
      if afterSpace, text[end] == "#" || text[end] == ";" { break }
      afterSpace = text[end].isWhitespace
      end = text.index(after: end)
    }
    return String(text[..<end].trimmed)
  }
}

extension SharedConfigFile {
  /// What the header above a line says.
  private enum Section {
    case none
    case profile(String)
    /// `[default]` of the config file.
    case plainDefault
    case other

    init(header: Substring, kind: Kind, path: String, line: Int) throws(SharedConfigError) {
      guard let close = header.firstIndex(of: "]") else {
        throw SharedConfigError(path: path, line: line, problem: .noBracket)
      }
      let rest = header[header.index(after: close)...].trimmed
      guard rest.isEmpty || rest.hasPrefix("#") || rest.hasPrefix(";") else {
        throw SharedConfigError(path: path, line: line, problem: .noBracket)
      }
      let name = header[header.index(after: header.startIndex)..<close].trimmed
      switch kind {
      case .credentials:
        self = .profile(String(name.unquoted))
      case .config where name == "default":
        self = .plainDefault
      case .config:
        let words = name.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        self =
          words.count == 2 && words[0] == "profile" ? .profile(String(words[1].trimmed.unquoted)) : .other
      }
    }
  }
}

/// A line of a shared file that cannot be read. Its content is not repeated: it may be a secret.
public struct SharedConfigError: ConfigurationError, Hashable {
  enum Problem: Sendable, Hashable {
    case noEqualsSign, noName, outsideSection, noBracket
  }

  public let path: String
  public let line: Int
  let problem: Problem

  public var description: String {
    let reason =
      switch problem {
      case .noEqualsSign: "this line is neither a [section], a comment nor a “name = value”"
      case .noName: "there is no name in front of the equals sign"
      case .outsideSection: "a setting stands before the first [section], so that it belongs to no profile"
      case .noBracket: "the section's header does not end with “]”"
      }
    return "\(path):\(line): \(reason)"
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var trimmed = drop(while: \.isWhitespace)
    while let last = trimmed.last, last.isWhitespace { trimmed.removeLast() }
    return trimmed
  }

  /// The text without the quotes around it, if it has a pair.
  fileprivate var unquoted: Substring {
    guard count >= 2, let quote = first, quote == last, quote == "\"" || quote == "'" else { return self }
    return dropFirst().dropLast()
  }
}
