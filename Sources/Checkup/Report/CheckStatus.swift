/// What a check came to.
public enum CheckStatus: String, Sendable, Hashable, Codable, CaseIterable {
  case pass, warn, fail
  /// Not run: something that it needs failed, or it was not asked for.
  case skip
  /// It ran, and could not tell.
  case unknown
}

/// Where in a connection's life a check looks, in the order in which a connection is made.
public enum Stage: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
  case config, dns, tcp, tls, route, credentials, token, login, privileges, timing

  private var position: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  public static func < (one: Stage, other: Stage) -> Bool {
    one.position < other.position
  }
}

/// How bad a diagnosis is.
public enum Severity: String, Sendable, Hashable, Codable, Comparable {
  case warning, error

  public static func < (one: Severity, other: Severity) -> Bool { one == .warning && other == .error }
}
