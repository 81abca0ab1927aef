/// Searches by bytes. Tokens are ASCII, and to compare letter by letter would take ten times as long.
extension StringProtocol {
  /// Where `text` is first.
  func place(of text: String) -> Range<Index>? {
    guard let first = text.utf8.first else { return nil }
    var start = utf8.startIndex
    while let found = utf8[start...].firstIndex(of: first) {
      if utf8[found...].starts(with: text.utf8) {
        return found..<utf8.index(found, offsetBy: text.utf8.count)
      }
      start = utf8.index(after: found)
    }
    return nil
  }

  /// Whether `text` is anywhere in this one.
  func has(_ text: String) -> Bool { place(of: text) != nil }
}
