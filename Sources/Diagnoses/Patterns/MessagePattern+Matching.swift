internal import Glibc

extension MessagePattern {
  /// Whether the pattern is somewhere in `line`, and where.
  ///
  /// Takes time in proportion to the line's length times the number of parts, whatever the line says: after each
  /// literal part only the first place counts from which the rest can follow.
  func firstMatch(in line: UnsafeRawBufferPointer) -> Range<Int>? {
    // The next literal part may begin here at the earliest.
    var earliest = 0
    var start: Int?
    var end = 0
    for (index, part) in parts.enumerated() {
      switch part {
      case .hole:
        // A hole is at least one character long.
        earliest += 1
      case .literal(let literal):
        var from = earliest
        while true {
          guard let found = line.firstIndex(of: literal, from: from) else { return nil }
          end = found + literal.count
          if mayFollow(index + 1, at: end, in: line) {
            if start == nil { start = index == 0 ? found : 0 }
            break
          }
          from = found + 1
        }
        earliest = end
      }
    }
    if case .hole = parts.last { end = line.count }
    return (start ?? 0)..<end
  }

  /// Whether the part at `index`, if it is a hole, can be filled from `position` on. What it may not be is judged
  /// together with the literal part behind it, or with the line's end.
  private func mayFollow(_ index: Int, at position: Int, in line: UnsafeRawBufferPointer) -> Bool {
    guard index < parts.count, case .hole(let forbidden) = parts[index] else { return true }
    guard position < line.count else { return false }
    guard let forbidden, line.has(forbidden, at: position) else { return true }
    let after = position + forbidden.count
    if index + 1 < parts.count, case .literal(let next) = parts[index + 1] {
      return !line.has(next, at: after)
    }
    return after != line.count
  }
}

extension UnsafeRawBufferPointer {
  /// Whether `bytes` stand at `position`.
  func has(_ bytes: [UInt8], at position: Int) -> Bool {
    guard position >= 0, count - position >= bytes.count, let baseAddress else { return bytes.isEmpty }
    return bytes.withUnsafeBytes { memcmp(baseAddress + position, $0.baseAddress ?? baseAddress, $0.count) }
      == 0
  }

  /// Where `bytes` stand first, at or after `start`.
  func firstIndex(of bytes: [UInt8], from start: Int) -> Int? {
    guard let baseAddress, let first = bytes.first else { return nil }
    var position = start
    while count - position >= bytes.count {
      // Only here the whole may begin: bytes.count - 1 more have to follow.
      let candidates = count - position - bytes.count + 1
      guard let found = memchr(baseAddress + position, Int32(first), candidates) else { return nil }
      position = UnsafeRawPointer(found) - baseAddress
      if has(bytes, at: position) { return position }
      position += 1
    }
    return nil
  }
}
