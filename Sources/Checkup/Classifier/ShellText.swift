/// Values as they stand in a command that is shown for pasting into a POSIX shell.
enum ShellText {
  /// One word, whatever is in it: as it is when no character means anything to a shell, else in apostrophes.
  ///
  /// With control characters it is written as `$'…'`, which bash, zsh and POSIX 2024 have.
  static func word(_ text: String) -> String {
    if !text.isEmpty, text.unicodeScalars.allSatisfy(isHarmless) { return text }
    guard text.unicodeScalars.contains(where: \.needsEscape) else {
      return "'\(text.replacing("'", with: #"'\''"#))'"
    }
    var inside = ""
    for scalar in text.unicodeScalars {
      if scalar.needsEscape {
        // Three octal digits per byte, because what follows a hexadecimal escape could be read as part of it.
        for byte in String(scalar).utf8 {
          let digits = String(byte, radix: 8)
          inside += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
        }
      } else {
        if scalar == "'" || scalar == "\\" { inside += "\\" }
        inside.unicodeScalars.append(scalar)
      }
    }
    return "$'\(inside)'"
  }

  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", ":", ",", "@", "%", "+", "=": true
    default: false
    }
  }
}
