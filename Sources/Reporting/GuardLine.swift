internal import AccessModel
public import Provisioning

/// One guard on one line, and its way out below.
public enum GuardLine {
  /// One line each; of many that say the same of one object after the other, the first few.
  public static func write(
    _ guards: [Guard], _ style: OutputStyle, verbose: Bool, to output: (String) throws -> Void
  ) rethrows {
    var counts: [String: Int] = [:]
    for guarded in guards { counts["\(guarded.status) \(guarded.id)", default: 0] += 1 }
    var shown: [String: Int] = [:]
    for guarded in guards {
      let key = "\(guarded.status) \(guarded.id)"
      shown[key, default: 0] += 1
      let (number, count) = (shown[key, default: 0], counts[key, default: 0])
      if verbose || count <= ChangeSummary.limit || number <= ChangeSummary.named {
        try output(text(guarded, style))
      } else if number == ChangeSummary.named + 1 {
        try output(
          "     \(guarded.id): \(count - ChangeSummary.named) more like these (--verbose lists them all)\n")
      }
    }
  }

  public static func text(_ guarded: Guard, _ style: OutputStyle) -> String {
    let mark =
      switch guarded.status {
      case .pass: style.paint(style.unicode ? "✓" : "ok  ", .green)
      case .warn: style.paint(style.unicode ? "!" : "warn", .yellow)
      case .fail: style.paint(style.unicode ? "✗" : "FAIL", .red)
      case .unknown: style.paint(style.unicode ? "?" : "?   ", .yellow)
      }
    var text = style.wrap("\(mark) \(guarded.id): \(ShownText.line(guarded.message))", indent: "    ") + "\n"
    if let fix = guarded.fix, guarded.status != .pass {
      text += style.wrap("    fix: \(ShownText.line(fix))", indent: "         ") + "\n"
    }
    return text
  }
}
