/// Where lines of a text begin that cannot be read as they are.
///
/// Each byte is looked at once for each mark, by `memchr`, whatever the text has of them.
struct EscapePlaces {
  private let text: UnsafeRawBufferPointer
  private var backslash = -1
  private var escape = -1
  /// The line that comes next, from its beginning, and where in it the mark is; at the text's end when there is none.
  private(set) var lineStart = 0
  private(set) var mark = -1

  init(_ text: UnsafeRawBufferPointer) { self.text = text }

  /// Moves on to the first such line at or after `position`, which is where a line begins, or ends.
  mutating func advance(to position: Int) {
    guard mark < position else { return }
    while backslash < position {
      backslash = text.place(of: UInt8(ascii: "\\"), from: position) ?? text.count
      while backslash < text.count, !UnescapedLine.isEscape(at: backslash, in: text) {
        backslash = text.place(of: UInt8(ascii: "\\"), from: backslash + 1) ?? text.count
      }
    }
    if escape < position { escape = text.place(of: 0x1B, from: position) ?? text.count }
    mark = min(backslash, escape)
    lineStart = mark
    guard mark < text.count else { return }
    lineStart = text[position..<mark].lastIndex(of: 0x0A).map { $0 + 1 } ?? position
  }
}
