internal import AccessModel
internal import Checkup

/// The checks of one stage, for people: one line when all is well, otherwise a line for each check and what is
/// known of a failure right below its line.
struct CheckStageText {
  var stage: Stage
  var checks: [CheckResult]
  var style: OutputStyle
  /// A line for each check, even where all is well.
  var everyCheck = false

  var text: String {
    if !everyCheck {
      if let line = healthyLine { return line }
      if let line = skippedLine { return line }
    }
    let width = checks.map { ShownText.columns($0.id) }.max() ?? 0
    return style.paint(stage.rawValue, .bold) + "\n" + checks.map { block($0, idWidth: width) }.joined()
  }

  private var nameColumn: String { stage.rawValue.padding(to: Self.nameWidth) }

  /// "credentials" is the longest.
  static let nameWidth = 11

  /// All passed, or were not asked for.
  private var healthyLine: String? {
    guard checks.allSatisfy({ $0.ignored == nil && ($0.status == .pass || $0.isUnasked) }) else { return nil }
    let passed = checks.filter { $0.status == .pass }
    guard !passed.isEmpty else { return nil }
    let mark = CheckMark(.pass, unicode: style.unicode)
    let lead = "\(mark.sign) \(nameColumn)  "
    let room = style.width.map { $0 - ShownText.columns(lead) }
    return style.paint(mark.sign, mark.tint) + lead.dropFirst(mark.sign.count)
      + summary(passed.map { ShownText.line($0.summary) }, room) + "\n"
  }

  /// The first message, what else fits, and how many more there are.
  private func summary(_ messages: [String], _ room: Int?) -> String {
    guard let room else { return messages.joined(separator: "; ") }
    var kept = [messages[0]]
    for (index, message) in messages.enumerated().dropFirst() {
      let isLast = index == messages.count - 1 && kept.count == index
      let columns = ShownText.columns((kept + [message]).joined(separator: "; "))
      if columns + (isLast ? 0 : Self.more(messages.count).count) <= room { kept.append(message) }
    }
    let sign = kept.count == messages.count ? "" : Self.more(messages.count - kept.count)
    return HangingText.clip(kept.joined(separator: "; "), to: room - sign.count, style) + sign
  }

  private static func more(_ count: Int) -> String { " (+\(count))" }

  /// None ran, all for the same reason, or all for want of what failed before.
  private var skippedLine: String? {
    guard let first = checks.first, checks.allSatisfy({ $0.status == .skip && $0.ignored == nil }),
      checks.allSatisfy({ $0.summary == first.summary }) || checks.allSatisfy({ !$0.missing.isEmpty })
    else { return nil }
    let mark = CheckMark(.skip, unicode: style.unicode)
    return HangingText(
      "\(mark.sign) \(nameColumn)  ", tint: .dim,
      "\(ShownText.line(reason)) (\(checks.map(\.id).joined(separator: ", ")))",
      textTint: .dim
    ).render(style)
  }

  /// Why none ran. What another check of this stage waits for need not be said twice.
  private var reason: String {
    let missing = checks.flatMap(\.missing)
    guard !missing.isEmpty else { return checks.first?.summary ?? "" }
    let own = Set(checks.map(\.id))
    var named: Set<String> = []
    let others = missing.filter { !own.contains($0) && named.insert($0).inserted }
    return "needs \(others.joined(separator: ", "))"
  }

  private func block(_ check: CheckResult, idWidth: Int) -> String {
    let mark = CheckMark(check.status, unicode: style.unicode)
    let quiet = check.status == .skip || check.ignored != nil
    let text = HangingText(
      "  \(mark.sign) \(check.id.padding(to: idWidth))  ", tint: quiet ? .dim : mark.tint,
      ShownText.line(check.summary), textTint: quiet ? .dim : nil
    ).render(style)
    return check.isExpanded
      ? text + CheckDetailText(check: check, style: style, indent: mark.sign.count + 3).text : text
  }
}

extension CheckResult {
  /// Skipped by choice: nothing failed that it needs.
  var isUnasked: Bool { status == .skip && missing.isEmpty }

  fileprivate var isExpanded: Bool {
    ignored == nil && (status == .fail || status == .warn || status == .unknown)
  }
}
