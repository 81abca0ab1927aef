internal import AccessModel
internal import Diagnoses
internal import Reporting

/// What was found in a log, for people: each failure with its lines, the most probable first.
struct ExplainLogText {
  let reading: LogReading
  let style: OutputStyle

  /// More that fit the same lines are in the JSON form.
  private static let mostOthers = 12

  var text: String {
    guard let first = reading.matches.first else {
      return """
        Nothing known in \(Self.lines(reading.lines)). “dbauth-admin doctor” tries the login itself.

        """
    }
    var text = ""
    // A page that explains no line best is told of in one line below.
    let shown = reading.matches.filter { $0.leading > 0 || $0.page.id == first.page.id }
    for (number, match) in shown.enumerated() {
      if number > 0 { text += "\n" }
      text += entry(match, withFix: number == 0)
    }
    let others = reading.matches.filter { match in !shown.contains { $0.page.id == match.page.id } }
    if !others.isEmpty { text += "\n\(alsoFits(others))\n" }
    let tokens =
      switch reading.tokens {
      case 0: ""
      case 1: " There is a token in it, which lets in whoever reads it while it lives: keep it out of logs."
      default:
        " There are \(reading.tokens) tokens in it, which let in whoever reads them while they live: keep them out of logs."
      }
    return text + "\n" + style.wrap("Read \(Self.lines(reading.lines)).\(tokens)", indent: "") + "\n"
  }

  private func entry(_ match: PageMatch, withFix: Bool) -> String {
    var lines = ["\(bold(match.page.id))  \(match.page.title.escapedForDisplay)"]
    lines.append("  why:  \(style.wrap(match.reason, indent: "        "))")
    let place =
      match.count == 1
      ? "line \(match.firstLine)" : "\(match.count) lines, \(match.firstLine) to \(match.lastLine)"
    lines.append("  seen: \(place)")
    for example in match.examples {
      lines.append("        \(example.line): \(example.text)")
    }
    if withFix, let fix = match.page.fix {
      let block = fix.split(separator: "\n", omittingEmptySubsequences: false).map {
        ShownText.logLine(String($0))
      }
      lines.append("  fix:  \(block.joined(separator: "\n        "))")
    }
    lines.append("  more: dbauth-admin explain \(match.page.id)")
    return lines.joined(separator: "\n") + "\n"
  }

  private func alsoFits(_ others: [PageMatch]) -> String {
    var ids = others.prefix(Self.mostOthers).map(\.page.id)
    if others.count > Self.mostOthers {
      ids.append("\(others.count - Self.mostOthers) more (--format json has all)")
    }
    return style.wrap("Also fit these lines: \(ids.joined(separator: ", "))", indent: "  ")
  }

  private func bold(_ text: String) -> String { style.color ? "\u{1B}[1m\(text)\u{1B}[0m" : text }

  private static func lines(_ count: Int) -> String { count == 1 ? "1 line" : "\(count) lines" }
}
