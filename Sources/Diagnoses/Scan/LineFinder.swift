internal import Glibc

/// Finds patterns in lines, and hands what it finds on line by line.
struct LineFinder {
  private let index: PatternIndex
  private var tally: Tally
  /// The number of the line that the next part begins in.
  private var line = 1
  private var bytes = 0
  /// Whether the last part ended within a line.
  private var isWithinLine = false
  private var overlapped = false
  /// For each text, the last line and part in which it was looked for, so that it is looked for once.
  private var lookedFor: [Int]
  private var lookout = 0

  init(_ index: PatternIndex) {
    self.index = index
    tally = Tally(index)
    lookedFor = Array(repeating: 0, count: index.patterns.count + PatternIndex.tokenMarks.count)
  }

  /// - Parameters:
  ///   - text: whole lines, or a part of a line; ``AnchorTable/padding`` readable bytes follow.
  ///   - isWhole: whether the last line ends here.
  mutating func find(in text: UnsafeRawBufferPointer, isWhole: Bool) {
    guard let base = text.baseAddress else { return }
    let isHeadless = overlapped
    var position = 0
    // Up to here newlines have been counted; the line that begins here has the number `line`.
    var lineStart = 0
    while let (window, anchors) = index.anchors.nextWindow(in: base, from: position, to: text.count) {
      position = window + 1
      guard anchors.contains(where: { text.has($0.literal, at: window - $0.offset) }) else { continue }
      countLines(in: text, from: &lineStart, to: window)
      let newline = memchr(base + window, 0x0A, text.count - window).map { UnsafeRawPointer($0) - base }
      let end = newline ?? text.count
      let cut = LineCut(
        bytes: Self.line(text, lineStart..<end), number: line, isHeadless: isHeadless && lineStart == 0,
        isTailless: newline == nil && !isWhole)
      lookAt(cut, offset: lineStart, in: text, from: window, to: end)
      position = end
    }
    countLines(in: text, from: &lineStart, to: text.count)
    bytes += text.count - (isHeadless ? LogScanner.overlap : 0)
    overlapped = !isWhole
    isWithinLine = lineStart < text.count
  }

  /// Everything about one line in which something was found at `window`.
  private mutating func lookAt(
    _ cut: LineCut, offset: Int, in text: UnsafeRawBufferPointer, from window: Int, to end: Int
  ) {
    guard let base = text.baseAddress else { return }
    lookout += 1
    var position = window
    while let (window, anchors) = index.anchors.nextWindow(in: base, from: position, to: end) {
      for anchor in anchors
      where lookedFor[anchor.id] != lookout && text.has(anchor.literal, at: window - anchor.offset) {
        lookedFor[anchor.id] = lookout
        if anchor.id >= index.patterns.count {
          tally.addTokens(of: cut)
        } else if let range = index.patterns[anchor.id].firstMatch(in: cut.bytes) {
          tally.add(pattern: anchor.id, range: range)
        }
      }
      position = window + 1
    }
    tally.endLine(cut)
  }

  /// Moves `start` to the beginning of the line in which `position` lies.
  private mutating func countLines(in text: UnsafeRawBufferPointer, from start: inout Int, to position: Int) {
    guard let base = text.baseAddress else { return }
    while start < position, let newline = memchr(base + start, 0x0A, position - start) {
      start = UnsafeRawPointer(newline) - base + 1
      line += 1
    }
  }

  /// A line without its carriage return.
  private static func line(_ text: UnsafeRawBufferPointer, _ range: Range<Int>) -> UnsafeRawBufferPointer {
    let end =
      range.upperBound > range.lowerBound && text[range.upperBound - 1] == 0x0D
      ? range.upperBound - 1 : range.upperBound
    return UnsafeRawBufferPointer(rebasing: text[range.lowerBound..<end])
  }

  func reading() -> LogReading {
    LogReading(
      lines: isWithinLine ? line : line - 1, bytes: bytes, tokens: tally.tokens, matches: tally.matches())
  }
}

/// A line, or as much of it as fits.
struct LineCut {
  let bytes: UnsafeRawBufferPointer
  /// Counted from 1.
  let number: Int
  /// Whether the line began before this part.
  let isHeadless: Bool
  /// Whether it goes on after this part.
  let isTailless: Bool
}
