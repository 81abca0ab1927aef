internal import AccessModel
internal import Checkup

/// Why a check did not pass, what was measured, and what to type next.
struct CheckDetailText {
  var check: CheckResult
  var style: OutputStyle
  /// Columns in front of each line.
  var indent: Int

  var text: String {
    guard let finding = check.findings.first else { return evidence }
    return FindingDetailText(finding, style: style, indent: indent, middle: evidence).text + alternatives
  }

  private var margin: String { String(repeating: " ", count: indent) }

  private var evidence: String {
    check.evidence.enumerated().map { index, item in
      let label = index == 0 ? "evidence: " : "          "
      return HangingText(
        "\(margin)\(label)", tint: .dim, indent: indent + 12, "\(ShownText.line(item.name)): \(item.value)"
      )
      .render(style)
    }.joined()
  }

  private var alternatives: String {
    check.findings.dropFirst().map {
      HangingText("\(margin)or:       ", tint: .dim, "\($0.heading) (\($0.more))").render(style)
    }.joined()
  }
}

/// A finding's reason, place, fix and page, below its title.
struct FindingDetailText {
  var finding: Finding
  var style: OutputStyle
  var indent: Int
  /// What stands between the reason and the fix.
  var middle: String

  init(_ finding: Finding, style: OutputStyle, indent: Int, middle: String = "") {
    self.finding = finding
    self.style = style
    self.indent = indent
    self.middle = middle
  }

  var text: String {
    var text = line("why:", finding.reason)
    if let place = finding.place { text += line("in:", ShownText.line(place)) }
    text += middle
    if let fix = finding.fix { text += line("fix:", fix, .green, hasCommands: true) }
    return text + line("more:", finding.more, hasCommands: true)
  }

  private func line(
    _ label: String, _ text: String, _ tint: OutputStyle.Tint = .dim, hasCommands: Bool = false
  ) -> String {
    let lead = String(repeating: " ", count: indent) + label.padding(to: 10)
    var hanging = HangingText(lead, tint: tint, text)
    hanging.hasCommands = hasCommands
    return hanging.render(style)
  }
}
