/// What a person writes after `-h`: a name, an address or a socket's directory.
public struct HostName: Hashable, Sendable, CustomStringConvertible {
  /// What kind of thing was written.
  public enum Form: Sendable, Hashable {
    /// A DNS name of more than the local machine.
    case name
    case ipv4
    case ipv6
    /// `localhost` or a name below it.
    case localhost
    /// A directory with a Unix-domain socket, or an abstract one (`@…`), as libpq accepts them.
    case socket
  }

  /// The host as written, without a trailing dot and without an address's brackets. The case is kept.
  public let name: String
  public let form: Form
  /// Whether a trailing dot (DNS's mark of an absolute name) was taken off.
  public let hadTrailingDot: Bool

  /// Reads a host; throws for a text that can be none, such as a URL or one with spaces.
  public init(_ text: String) throws(HostNameError) {
    if text.isEmpty { throw HostNameError(text: text, problem: .empty) }
    if text.hasPrefix("/") || text.hasPrefix("@") {
      (name, form, hadTrailingDot) = (text, .socket, false)
      return
    }
    if text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) {
      throw HostNameError(text: text, problem: .space)
    }
    if text.contains("/") || text.contains("@") { throw HostNameError(text: text, problem: .url) }

    if let address = HostName.ipv6(in: text) {
      (name, form, hadTrailingDot) = (address, .ipv6, false)
      return
    }
    if text.contains(",") { throw HostNameError(text: text, problem: .several) }
    if text.contains(":") { throw HostNameError(text: text, problem: .port) }

    hadTrailingDot = text.hasSuffix(".")
    name = hadTrailingDot ? String(text.dropLast()) : text
    let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    if labels.contains(where: \.isEmpty) { throw HostNameError(text: text, problem: .emptyLabel) }
    if HostName.isIPv4(labels) {
      form = .ipv4
    } else if labels.last.map({ Substring($0).lowercased() == "localhost" }) ?? false {
      form = .localhost
    } else {
      form = .name
    }
  }

  public var description: String { name }

  /// Four decimal numbers of at most 255. `10.0.0.1.example.com` is a name.
  private static func isIPv4(_ labels: [Substring.UTF8View]) -> Bool {
    labels.count == 4
      && labels.allSatisfy { label in
        label.count <= 3 && label.allSatisfy(\.isASCIIDigit) && (Int(Substring(label)) ?? 256) <= 255
      }
  }

  /// The address in `text`, with or without brackets, or nil when it cannot be one: IPv6 has at least two colons
  /// and nothing but hexadecimal digits, dots (an embedded IPv4 address) and a zone after `%`.
  private static func ipv6(in text: String) -> String? {
    var bare = Substring(text)
    if bare.hasPrefix("["), bare.hasSuffix("]") { bare = bare.dropFirst().dropLast() }
    let address = bare.prefix { $0 != "%" }
    guard address.count(where: { $0 == ":" }) >= 2,
      address.allSatisfy({ $0.isASCII && ($0.isHexDigit || $0 == ":" || $0 == ".") })
    else { return nil }
    return String(bare)
  }
}

/// A text that cannot be a host.
public struct HostNameError: ConfigurationError, Hashable {
  enum Problem: Sendable, Hashable {
    case empty, space, url, port, several, emptyLabel
  }

  public let text: String
  let problem: Problem

  /// The text, or of a URI its scheme alone: what follows may hold a password that no “@” ends.
  private var shown: String {
    guard let colon = text.firstRange(of: "://") else { return "“\(text.escapedForDisplay)”" }
    return "“\(String(text[..<colon.upperBound]).escapedForDisplay)…”"
  }

  public var description: String {
    switch problem {
    case .empty: "the host is empty"
    case .space: "\(shown) is not a host name: it contains a space or a control character"
    case .url: "\(shown) is not a host name; give the bare name, without a scheme, user or path"
    case .port: "“\(text.escapedForDisplay)” is not a host name; give the port with -p/--port"
    case .several: "“\(text.escapedForDisplay)” names several hosts; this takes one"
    case .emptyLabel: "“\(text.escapedForDisplay)” is not a host name: it has an empty part between two dots"
    }
  }
}
