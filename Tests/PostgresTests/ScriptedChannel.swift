import Sockets
import Synchronization

/// A peer in memory: what it says is written down before, in the pieces in which it arrives.
final class ScriptedChannel: ByteChannel {
  /// How the peer goes on when it has said all.
  enum Ending: Sendable {
    case closes
    case fails(any Error)
  }

  private struct State {
    var pieces: [[UInt8]]
    var written: [UInt8] = []
  }

  private let state: Mutex<State>
  private let ending: Ending

  init(_ pieces: [[UInt8]], then ending: Ending = .fails(TCPFailure.timedOut)) {
    state = Mutex(State(pieces: pieces.filter { !$0.isEmpty }))
    self.ending = ending
  }

  /// Everything that was sent to the peer.
  var written: [UInt8] { state.withLock { $0.written } }

  func write(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) async throws {
    state.withLock { $0.written += bytes }
  }

  func read(atMost limit: Int, until deadline: ContinuousClock.Instant) async throws -> [UInt8] {
    let bytes = state.withLock { state -> [UInt8] in
      guard let piece = state.pieces.first else { return [] }
      let taken = Array(piece.prefix(limit))
      state.pieces[0] = Array(piece.dropFirst(limit))
      if state.pieces[0].isEmpty { state.pieces.removeFirst() }
      return taken
    }
    if bytes.isEmpty, case .fails(let error) = ending { throw error }
    return bytes
  }
}

/// Messages as servers send them.
enum Wire {
  static func message(_ type: Character, _ body: [UInt8]) -> [UInt8] {
    [type.asciiValue ?? 0] + integer(body.count + 4) + body
  }

  static func integer(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// An ErrorResponse of fields.
  static func error(_ fields: KeyValuePairs<Character, String>) -> [UInt8] {
    var body: [UInt8] = []
    for (code, text) in fields { body += [code.asciiValue ?? 0] + Array(text.utf8) + [0] }
    return message("E", body + [0])
  }

  static func authentication(_ code: Int, _ mechanisms: [String] = []) -> [UInt8] {
    var body = integer(code)
    for mechanism in mechanisms { body += Array(mechanism.utf8) + [0] }
    return message("R", body + (mechanisms.isEmpty ? [] : [0]))
  }
}
