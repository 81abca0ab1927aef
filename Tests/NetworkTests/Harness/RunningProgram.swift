@preconcurrency import Dispatch
import Glibc
import Synchronization

/// A program that runs beside a test, and ends with this object.
final class RunningProgram: Sendable {
  struct DidNotStart: Error, CustomStringConvertible {
    var description: String
  }

  /// What the program has printed, and who waits for a word of it.
  private struct Output {
    var text = ""
    var ended = false
    var waiting: (word: String, continuation: CheckedContinuation<Bool, Never>)?

    /// Whether the word has come; nil while it still may.
    func verdict(on word: String) -> Bool? { text.contains(word) ? true : ended ? false : nil }
  }

  private let pid: pid_t
  private let source: any DispatchSourceRead
  private let output = Mutex(Output())

  /// Starts a program and waits until it prints `word` on either stream.
  static func start(_ path: String, _ arguments: [String], until word: String) async throws -> RunningProgram
  {
    let program = try RunningProgram(path, arguments)
    guard await program.waitFor(word) else {
      throw DidNotStart(description: "\(path) ended: \(program.text)")
    }
    return program
  }

  private init(_ path: String, _ arguments: [String]) throws {
    // One socket for all three streams of the program; unlike a pipe it never leaks into another child.
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw DidNotStart(description: "no socket for \(path): \(errno)")
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    var words = ([path] + arguments).map { strdup($0) } + [nil]
    defer { for word in words { free(word) } }
    var pid: pid_t = 0
    let code = posix_spawn(&pid, path, &actions, nil, &words, environ)
    close(ends[1])
    let stream = ends[0]
    guard code == 0 else {
      close(stream)
      throw DidNotStart(description: "\(path) cannot be started: \(code)")
    }
    self.pid = pid
    source = DispatchSource.makeReadSource(fileDescriptor: stream)
    source.setEventHandler { [weak self] in self?.collect(stream) }
    source.setCancelHandler { close(stream) }
    source.resume()
  }

  deinit {
    source.cancel()
    kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
  }

  /// Everything printed so far, on both streams.
  var text: String { output.withLock { $0.text } }

  private func collect(_ descriptor: Int32) {
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    let count = read(descriptor, &buffer, buffer.count)
    let resumption = output.withLock { output -> (CheckedContinuation<Bool, Never>, Bool)? in
      output.text += String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
      output.ended = count <= 0
      guard let (word, continuation) = output.waiting, let verdict = output.verdict(on: word) else {
        return nil
      }
      output.waiting = nil
      return (continuation, verdict)
    }
    if count <= 0 { source.cancel() }
    if let (continuation, verdict) = resumption { continuation.resume(returning: verdict) }
  }

  private func waitFor(_ word: String) async -> Bool {
    await withCheckedContinuation { continuation in
      let verdict = output.withLock { output in
        let verdict = output.verdict(on: word)
        if verdict == nil { output.waiting = (word, continuation) }
        return verdict
      }
      if let verdict { continuation.resume(returning: verdict) }
    }
  }
}
