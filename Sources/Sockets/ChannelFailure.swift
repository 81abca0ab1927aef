/// What every channel's failures have in common, whatever lies between it and the wire.
public protocol ChannelFailure: Error {
  /// Nothing came before the deadline.
  var isTimeout: Bool { get }
  /// The peer ended the connection in good order.
  var isEnd: Bool { get }
}

extension TCPFailure: ChannelFailure {
  public var isTimeout: Bool { self == .timedOut }
  public var isEnd: Bool { false }
}
