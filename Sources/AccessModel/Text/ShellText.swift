/// Values as they stand in a command that is shown for pasting into a POSIX shell.
package enum ShellText {
  /// One word, whatever is in it: as it is when no character means anything to a shell, else in apostrophes.
  ///
  /// What cannot be shown is written for `printf`, which every shell has: `"$(printf 'a\012b')"`. A shell takes the line
  /// ends off the end of that, so a word that ends with one is written as `$'…'`, which bash, zsh and POSIX 2024 have.
  package static func word(_ text: String) -> String {
    // zsh takes a word that begins with an equals sign for the path of a command.
    let hasCommands = WorkflowCommand.isIn(text)
    if !text.isEmpty, !text.hasPrefix("="), !hasCommands, text.unicodeScalars.allSatisfy(isHarmless) {
      return text
    }
    guard hasCommands || text.unicodeScalars.contains(where: \.steersDisplay) else {
      return "'\(text.replacing("'", with: #"'\''"#))'"
    }
    let escaped = text.unicodeScalars.map { escape($0, evenPlain: hasCommands) }.joined()
    return text.utf8.last == UInt8(ascii: "\n") ? "$'\(escaped)'" : "\"$(printf '\(escaped)')\""
  }

  /// An option and its value. A value that begins with a dash is tied to the long name, lest it be taken for an option.
  ///
  /// - Parameters:
  ///   - name: `--keep-access`, or a short name such as `-U`.
  ///   - long: the long name, where `name` is a short one.
  package static func option(_ name: String, _ value: String, long: String? = nil) -> String {
    value.hasPrefix("-") ? word("\(long ?? name)=\(value)") : "\(name) \(word(value))"
  }

  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", ":", ",", "@", "%", "+", "=": true
    default: false
    }
  }

  /// Everything of ASCII that means something to a shell or to `printf`, and what cannot be shown, as octal bytes: three
  /// digits each, because what follows a hexadecimal escape could be read as part of it.
  private static func escape(_ scalar: Unicode.Scalar, evenPlain: Bool) -> String {
    let isPlain =
      switch scalar {
      case "%": false
      case ":", "_": !evenPlain
      default: scalar.isASCII ? isHarmless(scalar) : !scalar.steersDisplay
      }
    if isPlain { return String(scalar) }
    return String(scalar).utf8.map { byte in
      let digits = String(byte, radix: 8)
      return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
    }.joined()
  }
}
