internal import AccessModel

/// SQL's PASSWORD and IDENTIFIED BY, with what may stand between them and the password.
extension SecretRanges {
  /// Whether what begins at `index` is the password of a statement.
  ///
  /// A `--` may stand between `/*` and `*/`, and these may stand behind `--`: only who knows where the statement begins can
  /// tell, so either will do.
  func isSQLPassword(before index: Int) -> Bool {
    [true, false].contains { prefersBlocks in
      let named = commentStart(before: index, prefersBlocks)
      guard let (word, start) = name(before: named) else { return false }
      return word == "password"
        || word == "by" && name(before: commentStart(before: start, prefersBlocks))?.name == "identified"
    }
  }

  /// Where comments begin that stand right before `index`; that itself without one.
  private func commentStart(before index: Int, _ prefersBlocks: Bool) -> Int {
    var start = index
    while true {
      let (block, line) = (blockCommentStart(before: start), lineCommentStart(before: start))
      guard let begin = prefersBlocks ? block ?? line : line ?? block else { return start }
      start = begin
    }
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

  /// Where a comment begins whose other end is right before `index`.
  private func blockCommentStart(before index: Int) -> Int? { comments[endOfText(before: index)] }

  /// Where the comments between `/*` and `*/` begin, by their ends; comments may hold others.
  static func comments(in bytes: UnsafeRawBufferPointer) -> [Int: Int] {
    var comments: [Int: Int] = [:]
    var begun: [Int] = []
    var place = 0
    while place + 1 < bytes.count {
      switch (bytes[place], bytes[place + 1]) {
      case (UInt8(ascii: "/"), UInt8(ascii: "*")):
        begun.append(place)
        place += 2
      case (UInt8(ascii: "*"), UInt8(ascii: "/")):
        comments[place + 2] = begun.popLast()
        place += 2
      default: place += 1
      }
    }
    return comments
  }

  private func endOfText(before index: Int) -> Int {
    (bytes[..<index].lastIndex { $0 > 0x20 } ?? -1) + 1
  }
}

extension UInt8 {
  fileprivate var isLineBreak: Bool { self == 0x0A || self == 0x0D }
}
