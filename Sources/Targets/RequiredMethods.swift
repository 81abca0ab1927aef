internal import AccessModel
internal import CLibPQ

/// libpq's `require_auth`: a list of the methods that a client takes part in, or, with `!`, of those that it does not.
///
/// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-REQUIRE-AUTH
public struct RequiredMethods: Sendable, Hashable {
  /// How a login by libpq keeps to the list.
  public enum Way: Sendable, Hashable {
    /// libpq sees to it, or the password may be sent as it is, and so everything that tells less of it.
    case asGiven
    /// An older libpq answers nothing but SCRAM with this parameter, and that over TLS alone.
    case channelBinding
    /// An older libpq would answer what is ruled out.
    case impossible
  }

  public let text: String

  public init(_ text: String) { self.text = text }

  /// Whether the list lets a method through.
  public func allows(_ method: String) -> Bool {
    let methods = text.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
    if methods.contains(where: { $0.hasPrefix("!") }) { return !methods.contains("!\(method)") }
    return methods.contains(method)
  }

  /// The way with the libpq that this runs with.
  public var way: Way {
    if ConninfoText.isKnown("require_auth") || allows("password") { return .asGiven }
    return allows("scram-sha-256") ? .channelBinding : .impossible
  }

  /// A method that is ruled out.
  public func ruling(out method: String) -> String {
    "require_auth=\(text.escapedForDisplay) rules out \(method)"
  }

  /// Why a login is not made as it stands.
  public var obstacle: String {
    let version = PQlibVersion() / 10_000
    return
      "\(ruling(out: "password")), and libpq \(version), which this runs with, does not know require_auth"
      + (way == .channelBinding ? " and keeps to SCRAM over TLS with channel binding alone" : "")
  }

  /// The ways out.
  public var wayOut: String {
    "run this with libpq 16 or later, or leave require_auth out and set sslmode=verify-full (PGSSLMODE)"
  }
}

extension ConnectionSettings {
  /// The methods that the settings limit a login to, if they do.
  public var requiredMethods: RequiredMethods? { self["require_auth"].map(RequiredMethods.init) }
}
