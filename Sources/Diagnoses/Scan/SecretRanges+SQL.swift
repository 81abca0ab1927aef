internal import AccessModel

/// SQL's PASSWORD and IDENTIFIED BY, with what may stand between them and the password.
extension SecretRanges {
  /// Whether what begins at `index` is the password of a statement.
  func isSQLPassword(before index: Int) -> Bool { namesPassword(before: commentStart(before: index)) }

  private func namesPassword(before index: Int) -> Bool {
    guard let (word, start) = name(before: index) else { return false }
    return word == "password"
      || word == "by" && name(before: commentStart(before: start))?.name == "identified"
  }

  /// Where comments begin that stand right before `index`; that itself without one.
  private func commentStart(before index: Int) -> Int {
    var start = index
    while let begin = lineCommentStart(before: start) ?? blockCommentStart(before: start) { start = begin }
    return start
  }

  /// Where a comment begins that the line above ends with: one that is the whole line, or follows a password's name. Any
  /// other `--` may stand within quotation marks.
  private func lineCommentStart(before index: Int) -> Int? {
    let end = endOfText(before: index)
    guard bytes[end..<index].contains(where: \.isLineBreak) else { return nil }
    let line = (bytes[..<end].lastIndex(where: \.isLineBreak) ?? -1) + 1
    let marks = bytes[line..<end].indices.filter {
      $0 + 1 < end && bytes[$0] == UInt8(ascii: "-") && bytes[$0 + 1] == UInt8(ascii: "-")
    }
    if let first = marks.first, bytes[line..<first].allSatisfy({ $0 <= 0x20 }) { return first }
    return marks.first { mark in
      var start = mark
      while let begin = blockCommentStart(before: start) { start = begin }
      return ["password", "identified", "by"].contains(name(before: start)?.name)
    }
  }

  /// Where a comment begins whose other end is right before `index`; comments may hold others.
  private func blockCommentStart(before index: Int) -> Int? {
    let end = endOfText(before: index)
    guard end >= 4, isMark("*/", at: end - 2) else { return nil }
    var depth = 1
    var place = end - 3
    while place > 0 {
      place -= 1
      if isMark("/*", at: place) {
        depth -= 1
        if depth == 0 { return place }
        place -= 1
      } else if isMark("*/", at: place) {
        depth += 1
        place -= 1
      }
    }
    return nil
  }

  private func endOfText(before index: Int) -> Int {
    (bytes[..<index].lastIndex { $0 > 0x20 } ?? -1) + 1
  }

  private func isMark(_ mark: String, at index: Int) -> Bool {
    bytes[index...].prefix(2).elementsEqual(mark.utf8)
  }
}

extension UInt8 {
  fileprivate var isLineBreak: Bool { self == 0x0A || self == 0x0D }
}
