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
  /// The end of what was looked at last.
  private var earlier: [UInt8] = []
  /// For each text, the last line and part in which it was looked for, so that it is looked for once.
  private var lookedFor: [Int]
  private var lookout = 0
  /// Memory for lines with escapes.
  private var unescaped = UnescapedLine()

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
    var escapes = EscapePlaces(text)
    while position < text.count {
      escapes.advance(to: position)
      let place = hit(in: text, from: position, to: escapes.lineStart) ?? escapes.mark
      guard place < text.count else { break }
      countLines(in: text, from: &lineStart, to: place)
      let newline = memchr(base + place, 0x0A, text.count - place).map { UnsafeRawPointer($0) - base }
      let end = newline ?? text.count
      let cut = LineCut(
        bytes: Self.line(text, lineStart..<end), number: line, isHeadless: isHeadless && lineStart == 0,
        isTailless: newline == nil && !isWhole,
        piece: UnsafeRawBufferPointer(rebasing: text[..<lineStart]), earlier: earlier)
      if place < escapes.lineStart {
        look(at: cut, from: place - lineStart)
        tally.endLine(cut)
      } else {
        lookBehindEscapes(of: cut)
      }
      position = end
    }
    countLines(in: text, from: &lineStart, to: text.count)
    bytes += text.count - (isHeadless ? LogScanner.overlap : 0)
    overlapped = !isWhole
    earlier = Array(text.suffix(LineCut.memory))
    isWithinLine = lineStart < text.count
  }

  /// Where in `text` the first literal part is that can only be found as a whole.
  private func hit(in text: UnsafeRawBufferPointer, from start: Int, to end: Int) -> Int? {
    guard let base = text.baseAddress else { return nil }
    var position = start
    while let (window, anchors) = index.anchors.nextWindow(in: base, from: position, to: end) {
      if anchors.contains(where: { text.has($0.literal, at: window - $0.offset) }) { return window }
      position = window + 1
    }
    return nil
  }

  /// Everything about one line, in which nothing is before `start`.
  private mutating func look(at cut: LineCut, from start: Int) {
    look(in: cut.bytes, from: start) { tally, pattern, range in
      if let range { tally.add(pattern: pattern, range: range) } else { tally.addTokens(of: cut) }
    }
  }

  /// The same of a line with something in it that is escaped.
  private mutating func lookBehindEscapes(of cut: LineCut) {
    look(at: cut, from: 0)
    var text = unescaped
    unescaped = UnescapedLine()
    text.read(cut.bytes)
    text.bytes.withUnsafeBytes { bytes in
      for line in text.lines {
        look(in: UnsafeRawBufferPointer(rebasing: bytes[line]), from: 0) { tally, pattern, range in
          // Tokens have been seen already, as they are.
          guard let range else { return }
          let place = (range.lowerBound + line.lowerBound)..<(range.upperBound + line.lowerBound)
          tally.add(pattern: pattern, range: text.origin(of: place))
        }
      }
    }
    tally.endLine(cut)
    unescaped = text
  }

  /// Hands on every text in `line`, and where it is; a token's place is for others to find.
  ///
  /// - Parameter line: ``AnchorTable/padding`` readable bytes follow.
  private mutating func look(
    in line: UnsafeRawBufferPointer, from start: Int, found: (inout Tally, Int, Range<Int>?) -> Void
  ) {
    guard let base = line.baseAddress else { return }
    lookout += 1
    var position = start
    while let (window, anchors) = index.anchors.nextWindow(in: base, from: position, to: line.count) {
      for anchor in anchors
      where lookedFor[anchor.id] != lookout && line.has(anchor.literal, at: window - anchor.offset) {
        lookedFor[anchor.id] = lookout
        if anchor.id >= index.patterns.count {
          found(&tally, anchor.id, nil)
        } else if let range = index.patterns[anchor.id].firstMatch(in: line) {
          found(&tally, anchor.id, range)
        }
      }
      position = window + 1
    }
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
  /// What stands before it in memory, and the end of what was there before that.
  let piece: UnsafeRawBufferPointer
  let earlier: [UInt8]

  /// Bytes of the text before a line that it may go on from.
  static let memory = 2_048

  /// The end of the text before this line; nothing when this is not the line's beginning.
  var context: [UInt8] {
    if isHeadless { return [] }
    let near = piece.suffix(Self.memory)
    return earlier.suffix(Self.memory - near.count) + near
  }
}
