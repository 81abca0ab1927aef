internal import CAres
internal import Sockets

/// One question to one server, over UDP, and over TCP when the answer did not fit.
///
/// c-ares writes the question, matches the answer and changes to TCP; waiting and time limits are done here, on its
/// sockets. Each exchange has a channel of its own, so that the server is known and nothing is shared.
enum DNSExchange {
  /// Asks once, until an answer comes, the network objects or the deadline is over.
  static func ask(
    _ name: String, _ type: DNSQuery.RecordType, of server: NameServer,
    until deadline: ContinuousClock.Instant
  ) async -> DNSAnswer {
    guard !name.isEmpty else { return DNSAnswer(status: .invalidName) }
    guard let channel = Channel(server) else { return DNSAnswer(status: .unreachable) }
    let reply = Reply()
    if let status = channel.send(name, type, reply) { return DNSAnswer(status: status) }
    while reply.status == nil, ContinuousClock.now < deadline {
      guard let wanted = channel.wanted else { break }
      guard await SocketReadiness.wait(wanted.socket, wanted.direction, until: deadline) else { break }
      channel.process(wanted)
    }
    // An open question ends here: its callback runs while `reply` is still alive.
    channel.cancel()
    return reply.answer
  }

  /// Where c-ares puts its answer.
  final class Reply {
    var status: Int32?
    var message: [UInt8] = []

    var answer: DNSAnswer {
      switch status {
      case ARES_SUCCESS: DNSAnswer(message)
      case nil, ARES_ECANCELLED, ARES_ETIMEOUT: DNSAnswer(status: .timedOut)
      case ARES_ECONNREFUSED: DNSAnswer(status: .unreachable)
      case ARES_EBADRESP, ARES_EFORMERR: DNSAnswer(status: .malformed)
      default: DNSAnswer(status: .serverFailure)
      }
    }
  }

  /// Owns c-ares's channel, with one server.
  final class Channel {
    struct Want {
      var socket: ares_socket_t
      var direction: SocketReadiness.Direction
    }

    private let pointer: ares_channel

    init?(_ server: NameServer) {
      guard Self.isLibraryReady else { return nil }
      var options = ares_options()
      // The server's own words, errors included, are what is wanted, not c-ares's next try elsewhere.
      options.flags = Int32(ARES_FLAG_NOCHECKRESP | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES)
      options.tries = 1
      options.timeout = Int32.max / 4  // milliseconds; the caller's deadline is the limit
      let mask = Int32(ARES_OPT_FLAGS | ARES_OPT_TRIES | ARES_OPT_TIMEOUTMS)
      var channel: ares_channel?
      guard ares_init_options(&channel, &options, mask) == ARES_SUCCESS, let channel else {
        return nil
      }
      guard ares_set_servers_ports_csv(channel, server.description) == ARES_SUCCESS else {
        ares_destroy(channel)
        return nil
      }
      pointer = channel
    }

    deinit { ares_destroy(pointer) }

    /// Sends the question; a status when it could not even be written. `reply` must outlive the question.
    func send(_ name: String, _ type: DNSQuery.RecordType, _ reply: Reply) -> DNSStatus? {
      var query: UnsafeMutablePointer<UInt8>?
      var length: Int32 = 0
      let (internet, recursionDesired): (Int32, Int32) = (1, 1)
      let status = ares_create_query(
        name, internet, type == .a ? 1 : 28, .random(in: 0...UInt16.max), recursionDesired, &query, &length, 0
      )
      guard status == ARES_SUCCESS, let query else {
        // c-ares answers itself for .onion, which must not be asked of DNS (RFC 7686).
        return status == ARES_ENOTFOUND ? .nxDomain : .invalidName
      }
      defer { ares_free_string(query) }
      ares_send(
        pointer, query, length,
        { context, status, _, bytes, count in
          guard let context else { return }
          let reply = Unmanaged<Reply>.fromOpaque(context).takeUnretainedValue()
          reply.status = status
          reply.message = Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
        }, Unmanaged.passUnretained(reply).toOpaque())
      return nil
    }

    /// What c-ares waits for. It lists a server's UDP socket before its TCP socket, and the latter is there only once
    /// the former's answer was cut short; sending comes before reading.
    var wanted: Want? {
      var sockets = [ares_socket_t](repeating: -1, count: Int(ARES_GETSOCK_MAXNUM))
      let bits = ares_getsock(pointer, &sockets, Int32(sockets.count))
      for (index, socket) in sockets.enumerated().reversed() {
        if bits & 1 << (Int32(index) + ARES_GETSOCK_MAXNUM) != 0 {
          return Want(socket: socket, direction: .write)
        }
        if bits & 1 << Int32(index) != 0 { return Want(socket: socket, direction: .read) }
      }
      return nil
    }

    func process(_ want: Want) {
      let none: ares_socket_t = -1
      let (readable, writable) = want.direction == .read ? (want.socket, none) : (none, want.socket)
      BrokenPipeShield.run { ares_process_fd(pointer, readable, writable) }
    }

    func cancel() { ares_cancel(pointer) }

    private static let isLibraryReady = ares_library_init(ARES_LIB_INIT_ALL) == ARES_SUCCESS
  }
}
