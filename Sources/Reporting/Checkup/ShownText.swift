/// Text that came from a server, a file or a user, made safe to show.
///
/// A server's message must not move a terminal's cursor, hide what follows, or end a line of a report.
enum ShownText {
  /// One line: what would break or steer it is written as an escape.
  static func line(_ text: String) -> String { escaped(text, keepingLines: false) }

  /// Several lines: line ends stay, tabs become spaces.
  static func lines(_ text: String) -> String { escaped(text, keepingLines: true) }

  private static func escaped(_ text: String, keepingLines: Bool) -> String {
    guard text.unicodeScalars.contains(where: { !isHarmless($0) }) else { return text }
    var shown = String.UnicodeScalarView()
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      defer { previous = scalar }
      switch scalar {
      case "\n" where keepingLines && previous == "\r": continue
      case "\n" where keepingLines, "\r" where keepingLines: shown.append("\n")
      case "\t" where keepingLines: shown.append(" ")
      case "\n": shown.append(contentsOf: "\\n".unicodeScalars)
      case "\r": shown.append(contentsOf: "\\r".unicodeScalars)
      case "\t": shown.append(contentsOf: "\\t".unicodeScalars)
      case _ where isHarmless(scalar): shown.append(scalar)
      default: shown.append(contentsOf: escape(scalar).unicodeScalars)
      }
    }
    return String(shown)
  }

  /// `\u{1B}`, as Swift and Rust write it.
  static func escape(_ scalar: Unicode.Scalar) -> String {
    "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
  }

  /// Neither a control character nor one that turns the reading direction or breaks the line (Unicode's
  /// Bidi_Control, U+2028 and U+2029), nor one that is no character and that XML 1.0 refuses (U+FFFE, U+FFFF).
  static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFEFF,
      0xFFFE...0xFFFF:
      false
    default: true
    }
  }

  /// How many columns a terminal gives to a text: two to East Asian wide characters and emoji.
  static func columns(_ text: some StringProtocol) -> Int {
    if text.utf8.allSatisfy({ $0 < 0x80 }) { return text.utf8.count }
    return text.reduce(0) { $0 + columns($1) }
  }

  private static func columns(_ character: Character) -> Int {
    guard let first = character.unicodeScalars.first else { return 0 }
    if first.value < 0x300 { return 1 }
    if character.unicodeScalars.contains(where: { $0.value == 0xFE0F || $0.properties.isEmojiPresentation }) {
      return 2
    }
    switch first.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    // Unicode's East_Asian_Width W and F, in whole blocks.
    switch first.value {
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F,
      0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }
}
