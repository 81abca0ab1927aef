internal import AccessModel

/// A line of a log as it can be shown: without secrets, without control characters, not too long.
public struct LineExcerpt: Sendable, Hashable {
  /// Counted from 1.
  public let line: Int
  public let text: String

  /// The most bytes of a line that are shown.
  static let longest = 240
  /// Bytes that are shown before what was found, where the line is longer than that.
  static let before = 80

  /// - Parameters:
  ///   - found: what the excerpt has to show.
  ///   - secrets: what it may not show, sorted; each is replaced by a word.
  init(_ bytes: UnsafeRawBufferPointer, line: Int, showing found: Range<Int>, hiding secrets: [Range<Int>]) {
    self.line = line
    let start =
      bytes.count <= Self.longest
      ? 0 : max(0, min(found.lowerBound - Self.before, bytes.count - Self.longest))
    let end = min(bytes.count, start + Self.longest)
    var text = start > 0 ? "…" : ""
    var position = start
    for secret in secrets where secret.upperBound > start && secret.lowerBound < end {
      if secret.lowerBound > position { text += Self.text(bytes, position..<secret.lowerBound) }
      text += "<redacted>"
      position = max(position, secret.upperBound)
    }
    if position < end { text += Self.text(bytes, position..<end) }
    self.text = text + (max(end, position) < bytes.count ? "…" : "")
  }

  private static func text(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> String {
    ShownText.logLine(String(decoding: bytes[range], as: UTF8.self))
  }
}
