extension String {
  /// The text as a terminal may show it: what moves the cursor, hides or turns text is written as `\u{…}`.
  ///
  /// Those are the control characters, and Unicode's marks for direction, joining and invisible separation, with
  /// which a log line could pretend to be another.
  package var escapedForTerminal: String {
    guard unicodeScalars.contains(where: \.isTreacherous) else { return self }
    var shown = ""
    for scalar in unicodeScalars {
      if scalar == "\t" {
        shown += " "
      } else if scalar.isTreacherous {
        shown += "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
      } else {
        shown.unicodeScalars.append(scalar)
      }
    }
    return shown
  }
}

extension Unicode.Scalar {
  fileprivate var isTreacherous: Bool {
    switch value {
    case 0..<0x20, 0x7F...0x9F, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF, 0xE0000...0xE007F:
      true
    default: false
    }
  }
}
