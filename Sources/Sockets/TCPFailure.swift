internal import Glibc

/// How a TCP connection failed, or why there was none.
public enum TCPFailure: Error, Sendable, Hashable, CustomStringConvertible {
  /// The host answered that nobody listens there (RST); a firewall that rejects looks the same.
  case refused
  /// No answer before the deadline: a filter that drops packets, a route into the void, or a stopped host.
  case timedOut
  /// The network said that there is no way, in the system's words.
  case unreachable(String)
  /// The peer, or something between, cut an established connection.
  case reset
  /// Anything else, in the system's words.
  case other(String)

  /// The failure that an `errno` stands for.
  init(errno code: Int32) {
    self =
      switch code {
      case ECONNREFUSED: .refused
      case ETIMEDOUT: .timedOut
      // An IPv6 address without an IPv6 route gives EADDRNOTAVAIL or EAFNOSUPPORT; a local filter EPERM or EACCES.
      case EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN, EADDRNOTAVAIL, EAFNOSUPPORT, EPERM, EACCES:
        .unreachable(Self.text(of: code))
      case ECONNRESET, EPIPE, ECONNABORTED: .reset
      default: .other(Self.text(of: code))
      }
  }

  public var description: String {
    switch self {
    case .refused: "connection refused"
    case .timedOut: "no answer before the deadline"
    case .unreachable(let text): text
    case .reset: "connection reset by the peer"
    case .other(let text): text
    }
  }

  private static func text(of code: Int32) -> String { String(cString: strerror(code)) }
}
