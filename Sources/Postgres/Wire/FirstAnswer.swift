/// What a server says to a startup message, before anything secret has been sent.
///
/// A member of `rds_iam` is asked for a clear-text password, everybody else, unknown users included, for SCRAM: this
/// is how the route through `pg_hba.conf` shows without a token.
public enum FirstAnswer: Sendable, Hashable {
  /// An authentication request by its code: 0 trust, 3 clear text, 5 MD5, 7 GSSAPI, 9 SSPI, 10 SASL;
  /// https://www.postgresql.org/docs/current/protocol-message-formats.html
  case authentication(code: Int, mechanisms: [String])
  case error(ServerMessage)
  /// The connection ended without an answer.
  case closed
  /// The connection was reset, or another failure of the network, in words.
  case lost(String)
  /// Nothing came before the deadline.
  case silent
  /// Bytes that are no message of PostgreSQL's; the first of them.
  case foreign([UInt8])

  /// The server wants the password itself: the route through PAM, and so through IAM.
  public var asksForClearText: Bool {
    if case .authentication(code: 3, _) = self { true } else { false }
  }

  /// The server wants a password that it keeps itself.
  public var asksForStoredPassword: Bool {
    if case .authentication(let code, _) = self { code == 5 || code == 10 } else { false }
  }

  /// The method's name as `require_auth` has it.
  public var method: String? {
    guard case .authentication(let code, _) = self else { return nil }
    return switch code {
    case 0: "none"
    case 3: "password"
    case 5: "md5"
    case 7: "gss"
    case 9: "sspi"
    case 10: "scram-sha-256"
    default: "method \(code)"
    }
  }

  /// The server's error, if it answered with one.
  public var serverMessage: ServerMessage? {
    if case .error(let message) = self { message } else { nil }
  }
}

/// What a peer says to an SSLRequest.
public enum TLSRequestAnswer: Sendable, Hashable {
  /// `S`: the handshake may begin.
  case offered
  /// `N`: this server has no TLS.
  case refused
  /// An ErrorResponse: a server that does not know the request, or is not taking connections.
  case error(ServerMessage)
  case closed
  case lost(String)
  case silent
  /// Something that is no answer of PostgreSQL's; the first bytes of it.
  case foreign([UInt8])
}
