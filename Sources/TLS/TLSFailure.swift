internal import COpenSSL
public import Sockets

/// A message by which one end tells the other why it gives up (RFC 8446 §6).
public struct TLSAlert: Sendable, Hashable, CustomStringConvertible {
  public var number: UInt8

  public init(number: UInt8) { self.number = number }

  /// In OpenSSL's words: `handshake failure`, `protocol version`, `no application protocol`.
  public var name: String { String(cString: SSL_alert_desc_string_long(Int32(number))) }

  public var description: String { "\(name) (\(number))" }
}

/// How a handshake, or what was sent after it, failed.
public enum TLSFailure: ChannelFailure, Sendable, Hashable, CustomStringConvertible {
  /// The peer gave up and said why.
  case alert(TLSAlert)
  /// The peer chose a version below what was offered.
  case unsupportedVersion
  /// The peer closed the connection without a word.
  case closed
  case reset
  case timedOut
  /// The peer answered in another protocol; its first bytes, at most 64.
  case notTLS([UInt8])
  /// OpenSSL's own reasons, oldest first.
  case openSSL([OpenSSLError])
  /// The transport failed otherwise, in its words.
  case transport(String)

  public var isTimeout: Bool { self == .timedOut }
  public var isEnd: Bool { self == .closed }

  /// The two ends share no version: the peer's alert, or its choice of one that was not offered.
  public var isVersionMismatch: Bool {
    // protocol_version, RFC 8446 §6.2.
    self == .unsupportedVersion || self == .alert(TLSAlert(number: 70))
  }

  public var description: String {
    switch self {
    case .alert(let alert): "the server gave up with the alert “\(alert.name)” (\(alert.number))"
    case .unsupportedVersion: "the server chose a protocol version that was not offered"
    case .closed: "the server closed the connection"
    case .reset: "the connection was reset"
    case .timedOut: "no answer before the deadline"
    case .notTLS: "the server answered in another protocol"
    case .openSSL(let errors): errors.last?.description ?? "OpenSSL gave no reason"
    case .transport(let text): text
    }
  }

  init(_ error: any Error) {
    switch error {
    case let failure as TLSFailure: self = failure
    case TCPFailure.reset: self = .reset
    case TCPFailure.timedOut: self = .timedOut
    default: self = .transport("\(error)")
    }
  }
}
