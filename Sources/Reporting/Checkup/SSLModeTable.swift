internal import AccessModel
internal import Checkup

/// What each sslmode would do at this server, for people.
struct SSLModeTable {
  var outcomes: [SSLModeOutcome]
  /// The mode that was asked for.
  var asked: String
  /// What libpq makes of it.
  var effective: String
  var style: OutputStyle

  /// A line for each mode.
  var text: String {
    guard !outcomes.isEmpty else { return "" }
    let head =
      "  " + "sslmode".padding(to: 13)
      + (isNarrow ? "works encrypted verified" : "connects  encrypted  verified")
    return style.paint(head, .bold) + "\n" + outcomes.map(row).joined() + note
  }

  /// Reasons go below the modes where they would have less room than that.
  private var isNarrow: Bool { style.width.map { $0 < 70 } ?? false }

  private func row(_ outcome: SSLModeOutcome) -> String {
    let asked = outcome.mode == asked
    let start = (asked ? style.unicode ? "▸ " : "> " : "  ") + outcome.mode.padding(to: 13)
    let (first, second) = isNarrow ? (6, 10) : (10, 11)
    let cells =
      word(outcome.connects).padding(to: first)
      + word(outcome.connects ? outcome.encrypted : nil).padding(to: second)
      + word(outcome.connects ? outcome.verified : nil).padding(to: 10)
    let tint: OutputStyle.Tint? = outcome.connects ? asked ? .bold : nil : .red
    if isNarrow {
      let line = start + cells.trimmingEnd
      return (tint.map { style.paint(line, $0) } ?? line) + "\n"
        + HangingText("      ", outcome.reason).render(style)
    }
    return HangingText(start + cells, tint: tint, outcome.reason).render(style)
  }

  private func word(_ fact: Bool?) -> String { fact.map { $0 ? "yes" : "no" } ?? "-" }

  private var note: String {
    guard asked != effective, !asked.isEmpty else { return "" }
    return HangingText("  ", "\(asked) acts as \(effective) here").render(style)
  }

  /// Modes with the same outcome on one line, for a run without findings.
  var short: String {
    var groups: [(modes: [String], outcome: SSLModeOutcome)] = []
    for outcome in outcomes {
      if let index = groups.firstIndex(where: { $0.outcome.short == outcome.short }) {
        groups[index].modes.append(outcome.mode)
      } else {
        groups.append(([outcome.mode], outcome))
      }
    }
    let width = groups.map { ShownText.columns($0.modes.joined(separator: ", ")) }.max() ?? 0
    return groups.enumerated().map { index, group in
      let label = (index == 0 ? "  sslmode" : "").padding(to: CheckStageText.nameWidth + 4)
      let modes = group.modes.joined(separator: ", ").padding(to: width)
      let line = HangingText.clip(
        group.outcome.connects
          ? group.outcome.short : "\(group.outcome.short): \(ShownText.line(group.outcome.reason))",
        to: style.width.map { max($0 - label.count - width - 2, 12) }, style)
      return HangingText("\(label)\(modes)  ", line).render(style)
    }.joined()
  }
}

extension SSLModeOutcome {
  fileprivate var short: String {
    guard connects else { return "refused" }
    return encrypted ? verified ? "encrypted, verified" : "encrypted, not verified" : "in clear text"
  }
}

extension String {
  var trimmingEnd: String { String(reversed().drop { $0 == " " }.reversed()) }
}
