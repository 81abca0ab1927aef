internal import Glibc

/// A line as its writer had it before a program put it into a JSON document, or into several within each other.
///
/// `\"` is a quotation mark again however many backslashes stand before it, and `\n` ends a line. What was not escaped
/// reads wrongly so (`C:\new`): it is looked at besides the line itself, not instead of it.
struct UnescapedLine {
  /// The text; ``AnchorTable/padding`` bytes follow the last line.
  private(set) var bytes: [UInt8] = []
  /// The lines of the text.
  private(set) var lines: [Range<Int>] = []
  /// From where on places here and there differ by another number.
  private var turns: [(here: Int, there: Int)] = []

  /// Whether `line` has something escaped at `place`, where there is a backslash.
  static func isEscape(at place: Int, in line: UnsafeRawBufferPointer) -> Bool {
    place + 1 < line.count && "\"\\n'/rtu".utf8.contains(line[place + 1])
  }

  /// Takes the place of what was here before, in its memory.
  mutating func read(_ line: UnsafeRawBufferPointer) {
    bytes.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
    turns.removeAll(keepingCapacity: true)
    var lineStart = 0
    var position = 0
    while position < line.count {
      let backslash = line.place(of: UInt8(ascii: "\\"), from: position) ?? line.count
      bytes.append(contentsOf: line[position..<backslash])
      var end = backslash
      while end < line.count, line[end] == UInt8(ascii: "\\") { end += 1 }
      position = end
      guard end > backslash else { break }
      let next = end < line.count ? line[end] : 0
      switch next {
      case UInt8(ascii: "n"):
        lines.append(lineStart..<bytes.count)
        bytes.append(0x0A)
        lineStart = bytes.count
        position += 1
      case UInt8(ascii: "r"): position += 1
      case UInt8(ascii: "t"):
        bytes.append(0x09)
        position += 1
      case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "/"): break
      default:
        if next == UInt8(ascii: "u"), let character = Self.character(at: end + 1, in: line) {
          bytes.append(character)
          position = end + 5
        } else {
          bytes.append(contentsOf: repeatElement(UInt8(ascii: "\\"), count: max(1, (end - backslash) / 2)))
        }
      }
      turns.append((bytes.count, position))
    }
    lines.append(lineStart..<bytes.count)
    bytes.append(contentsOf: repeatElement(0, count: AnchorTable.padding))
  }

  /// Where in the line itself `range` is.
  func origin(of range: Range<Int>) -> Range<Int> {
    let start = origin(of: range.lowerBound)
    return start..<max(start, origin(of: range.upperBound))
  }

  private func origin(of place: Int) -> Int {
    var (low, high) = (0, turns.count)
    while low < high {
      let middle = (low + high) / 2
      if turns[middle].here <= place { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return place }
    return turns[low - 1].there + place - turns[low - 1].here
  }

  /// What four hexadecimal digits stand for, where that is a printable character of ASCII.
  private static func character(at place: Int, in line: UnsafeRawBufferPointer) -> UInt8? {
    guard place + 4 <= line.count,
      let value = UInt32(String(decoding: line[place..<(place + 4)], as: UTF8.self), radix: 16),
      0x20..<0x7F ~= value
    else { return nil }
    return UInt8(value)
  }
}

extension UnsafeRawBufferPointer {
  /// Where `byte` stands first, at or after `start`.
  func place(of byte: UInt8, from start: Int) -> Int? {
    guard let baseAddress, start < count else { return nil }
    return memchr(baseAddress + start, Int32(byte), count - start).map { UnsafeRawPointer($0) - baseAddress }
  }
}
