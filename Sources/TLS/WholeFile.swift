internal import Glibc

/// A file read at once, with the system's reason when it cannot be.
enum WholeFile {
  /// An `errno`.
  struct Failure: Error {
    let code: Int32
  }

  /// Never waits: a pipe that nobody writes to reads as empty.
  ///
  /// - Parameter limit: the most bytes that are accepted; a larger file fails with `EFBIG`.
  static func read(_ path: String, limit: Int) -> Result<[UInt8], Failure> {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return .failure(Failure(code: errno)) }
    defer { close(descriptor) }
    var content: [UInt8] = []
    while true {
      var (count, code) = (0, Int32(0))
      content += [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, used in
        (count, code) = (Glibc.read(descriptor, buffer.baseAddress, buffer.count), errno)
        used = max(count, 0)
      }
      if count == 0 { return .success(content) }
      if count < 0, code != EINTR { return .failure(Failure(code: code)) }
      if content.count > limit { return .failure(Failure(code: EFBIG)) }
    }
  }
}
