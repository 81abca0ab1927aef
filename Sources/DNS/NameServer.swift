public import AccessModel
public import Sockets

/// A DNS server's address and port.
public struct NameServer: Hashable, Sendable, CustomStringConvertible {
  public let address: SocketAddress

  public init(_ address: SocketAddress) { self.address = address }

  /// Reads `127.0.0.1`, `127.0.0.1:5353`, `2001:db8::53` or `[2001:db8::53]:5353`; the port is 53 when there is
  /// none.
  public init(parsing text: String) throws(NameServerError) {
    func failure(_ problem: NameServerError.Problem) -> NameServerError {
      NameServerError(text: text, problem: problem)
    }
    if text.isEmpty { throw failure(.empty) }
    if text.contains(",") { throw failure(.several) }
    if text.contains("%") { throw failure(.zone) }
    var host = text[...]
    var port: Substring?
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { throw failure(.bracket) }
      host = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { throw failure(.bracket) }
      guard host.contains(":") else { throw failure(.bracketedName) }
      port = rest.isEmpty ? nil : rest.dropFirst()
    } else if text.count(where: { $0 == ":" }) == 1, let colon = text.firstIndex(of: ":") {
      host = text[..<colon]
      port = text[text.index(after: colon)...]
    }
    guard let address = SocketAddress(String(host), port: Self.standardPort) else {
      throw failure(.notAnAddress(String(host)))
    }
    guard let port else {
      self.address = address
      return
    }
    guard port.allSatisfy({ $0.isASCII && $0.isNumber }), let number = UInt16(port), number > 0 else {
      throw failure(.port(String(port)))
    }
    self.address = address.at(port: number)
  }

  /// RFC 1035 §4.2.
  private static let standardPort: UInt16 = 53

  /// With the port, always: `10.0.0.2:53`.
  public var description: String { address.description }
}

/// A text that names no DNS server.
public struct NameServerError: ConfigurationError, Hashable {
  enum Problem: Sendable, Hashable {
    case empty, several, zone, bracket, bracketedName
    case notAnAddress(String)
    case port(String)
  }

  public let text: String
  let problem: Problem

  public var description: String {
    let shown = text.escapedForDisplay
    let form = "give an IP address, with the port where it is not 53: 10.0.0.2, 127.0.0.1:5353, [::1]:5353"
    return switch problem {
    case .empty: "the DNS server is empty; \(form)"
    case .several: "“\(shown)” names several DNS servers; this takes one"
    case .zone: "“\(shown)” has a zone (%…), which DNS servers cannot be asked through; \(form)"
    case .bracket: "“\(shown)” is not a DNS server: after “]” comes nothing, or “:” and the port; \(form)"
    case .bracketedName: "“\(shown)” is not a DNS server: brackets are for IPv6 addresses; \(form)"
    case .notAnAddress(let host):
      "“\(shown)” is not a DNS server: “\(host.escapedForDisplay)” is not an IP address, and names would need "
        + "a DNS server themselves; \(form)"
    case .port(let port):
      "“\(shown)” is not a DNS server: the port “\(port.escapedForDisplay)” is not a number from 1 to 65535"
    }
  }
}
