/// Text from anywhere (a server, a certificate, a file, a flag) as a terminal and a log may show it.
///
/// What would move a cursor, end a line, turn the direction of reading or be invisible is written as an escape that can
/// be seen: `\n`, `\u{1B}`. Text that has been through here comes out of a second time unchanged.
package enum ShownText {
  /// One line, whatever is in it.
  package static func line(_ text: String) -> String { escaped(text, lineEnd: "\\n", tab: "\\t") }

  /// One line of a log: tabs become spaces.
  package static func logLine(_ text: String) -> String { escaped(text, lineEnd: "\\n", tab: " ") }

  /// Several lines: line ends stay, and tabs become spaces.
  package static func lines(_ text: String) -> String { escaped(text, lineEnd: "\n", tab: " ") }

  /// Several lines with colours (`ESC [ … m`) in them, of a text that is already as it is to be shown.
  package static func keepingColours(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 < 0x20 && $0 != 0x0A || $0 >= 0x7F }) else { return text }
    var shown = ""
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      if scalar == "\u{1B}", rest.first == "[" {
        let digits = rest.dropFirst().prefix { ("0"..."9").contains($0) || $0 == ";" }
        if rest[digits.endIndex...].first == "m" {
          shown += "\u{1B}[\(Substring(digits))m"
          rest = rest[digits.endIndex...].dropFirst()
          continue
        }
      }
      if scalar.steersDisplay, scalar != "\n" {
        shown += escape(scalar)
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  private static func escaped(_ text: String, lineEnd: String, tab: String) -> String {
    guard text.utf8.contains(where: { $0 < 0x20 || $0 >= 0x7F }),
      text.unicodeScalars.contains(where: \.steersDisplay)
    else { return text }
    var shown = ""
    var previous: Unicode.Scalar?
    for scalar in text.unicodeScalars {
      defer { previous = scalar }
      switch scalar {
      case "\n" where lineEnd == "\n" && previous == "\r": continue
      case "\r" where lineEnd == "\n": shown += lineEnd
      case "\n": shown += lineEnd
      case "\r": shown += "\\r"
      case "\t": shown += tab
      case _ where scalar.steersDisplay: shown += escape(scalar)
      default: shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }

  /// `\u{1B}`, as Swift and Rust write it.
  package static func escape(_ scalar: Unicode.Scalar) -> String {
    "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
  }
}

extension String {
  /// The text on one line, as ``ShownText/line(_:)`` shows it.
  package var escapedForDisplay: String { ShownText.line(self) }
}

extension Unicode.Scalar {
  /// Whether a terminal or a reader would not see it as it is.
  ///
  /// Those are the controls C0, DEL and C1; the ends of lines and paragraphs; marks of direction, joining and order; what
  /// Unicode calls default-ignorable, which has no width (https://www.unicode.org/reports/tr44/#Default_Ignorable_Code_Point);
  /// and what is no character at all. The two selectors between text and emoji (U+FE0E, U+FE0F) only choose a glyph.
  package var steersDisplay: Bool {
    switch value {
    case 0x20..<0x7F, 0xA0..<0xAD, 0xAE..<0x34F: false
    case 0..<0x20, 0x7F..<0xA0, 0xAD, 0x34F, 0x61C, 0x70F, 0x115F...0x1160, 0x17B4...0x17B5, 0x180B...0x180F,
      0x200B...0x200F, 0x2028...0x202E, 0x2060...0x206F, 0x3164, 0xFDD0...0xFDEF, 0xFE00...0xFE0D, 0xFEFF,
      0xFFA0, 0xFFF0...0xFFFB, 0x1BCA0...0x1BCA3, 0x1D173...0x1D17A, 0xE0000...0xE0FFF:
      true
    // U+FFFE and U+FFFF, of every plane.
    default: value & 0xFFFE == 0xFFFE
    }
  }
}
