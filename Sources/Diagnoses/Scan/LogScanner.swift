internal import Glibc

/// Reads a text of any length, a log or an error message, and finds what it says about failures.
///
/// The text comes in pieces of any size, and only ``capacity`` bytes of it are held. What cannot be a line of text
/// (invalid UTF-8, zero bytes, carriage returns, lines of any length) is read all the same.
///
/// ```swift
/// var scanner = LogScanner(pages: try PageRegistry.embedded.pages())
/// try scanner.scan(descriptor: 0)
/// for match in scanner.finish().matches { print(match.page.id, match.reason) }
/// ```
public struct LogScanner: ~Copyable {
  /// Bytes that are looked at together. A longer line is read in parts that overlap.
  public static let capacity = 256 * 1_024
  /// What two parts of a line have in common: the longest thing that is found for certain in a line without end.
  public static let overlap = 16 * 1_024

  private let buffer: UnsafeMutableRawBufferPointer
  private var filled = 0
  private var finder: LineFinder

  /// - Parameter pages: those that can be found.
  public init(pages: [DiagnosisPage]) {
    buffer = .allocate(byteCount: Self.capacity + AnchorTable.padding, alignment: 64)
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
    finder = LineFinder(PatternIndex(pages))
  }

  deinit { buffer.deallocate() }

  /// Reads the next piece of the text.
  public mutating func scan(_ bytes: UnsafeRawBufferPointer) {
    var rest = bytes
    while !rest.isEmpty {
      let length = min(rest.count, Self.capacity - filled)
      buffer[filled...].copyBytes(from: rest[..<length])
      rest = UnsafeRawBufferPointer(rebasing: rest[length...])
      filled += length
      if filled == Self.capacity { digest() }
    }
  }

  /// Reads the next piece of the text.
  public mutating func scan(_ text: String) {
    var text = text
    text.withUTF8 { scan(UnsafeRawBufferPointer($0)) }
  }

  /// Reads everything that a file, pipe or terminal gives until its end.
  ///
  /// - Throws: ``LogReadError`` when reading fails.
  public mutating func scan(descriptor: Int32) throws(LogReadError) {
    while true {
      let count = read(descriptor, buffer.baseAddress.map { $0 + filled }, Self.capacity - filled)
      if count > 0 {
        filled += count
        // A pipe gives little at a time; with much in hand, less is moved about.
        if filled > Self.capacity / 2 { digest() }
      } else if count == 0 {
        return
      } else if errno != EINTR {
        throw LogReadError(code: errno)
      }
    }
  }

  /// What all that was read says.
  public consuming func finish() -> LogReading {
    if filled > 0 { find(in: 0..<filled, isWhole: true) }
    return finder.reading()
  }

  /// What `text` says.
  public static func reading(of text: String, pages: [DiagnosisPage]) -> LogReading {
    var scanner = LogScanner(pages: pages)
    scanner.scan(text)
    return scanner.finish()
  }

  /// Looks at the whole lines in hand, or at a part of one that does not fit, and keeps the rest.
  private mutating func digest() {
    let held = UnsafeRawBufferPointer(rebasing: buffer[..<filled])
    let keep: Int
    if let end = held.lastIndex(of: UInt8(ascii: "\n")) {
      find(in: 0..<(end + 1), isWhole: true)
      keep = filled - end - 1
    } else if filled == Self.capacity {
      find(in: 0..<filled, isWhole: false)
      keep = Self.overlap
    } else {
      return
    }
    if let base = buffer.baseAddress { memmove(base, base + filled - keep, keep) }
    filled = keep
  }

  private mutating func find(in range: Range<Int>, isWhole: Bool) {
    guard let base = buffer.baseAddress else { return }
    // The window's last read may go past the end by a few bytes, which stay within the buffer.
    finder.find(in: UnsafeRawBufferPointer(start: base, count: range.count), isWhole: isWhole)
  }
}

/// The text could not be read to its end.
public struct LogReadError: Error, CustomStringConvertible, Hashable {
  public let code: Int32

  public var description: String {
    let remedy =
      code == EISDIR
      ? "; that is a folder: give a file, or pipe the text in" : "; nothing of it has been judged"
    return "could not read the text: \(String(cString: strerror(code)))\(remedy)"
  }
}
