internal import Checkup

/// The end of a report: the root cause and what to do, what would go with it, and everything else that counts.
struct CheckVerdictText {
  var report: CheckReport
  var style: OutputStyle

  var text: String {
    var text = ""
    if let cause = report.rootCause {
      text += heading(cause) + detail(cause) + folded(cause)
      let others = report.others
      if !others.isEmpty { text += style.paint("other findings", .bold) + "\n" }
      for other in others {
        let mark = CheckMark(other.status, unicode: style.unicode)
        text += HangingText(
          "  \(mark.sign) \(other.id)  ", tint: mark.tint, indent: mark.sign.count + 3, other.heading
        )
        .render(style)
        text += FindingDetailText(other, style: style, indent: mark.sign.count + 3).text
      }
      text += "\n"
    }
    return text + undecided + closing
  }

  private func heading(_ cause: Finding) -> String {
    let mark = CheckMark(cause.status, unicode: style.unicode)
    return HangingText(
      "\(mark.sign) \(cause.id)  ", tint: mark.tint, indent: mark.sign.count + 1, cause.heading,
      textTint: .bold
    ).render(style)
  }

  private func detail(_ cause: Finding) -> String {
    FindingDetailText(cause, style: style, indent: 2).text
  }

  private func folded(_ cause: Finding) -> String {
    let gone = report.consequences(of: cause)
    guard !gone.isEmpty else { return "" }
    return HangingText(
      "  also seen, and probably gone with it: ", tint: .dim, indent: 4,
      gone.map(\.id).joined(separator: ", ")
    ).render(style)
  }

  private var undecided: String {
    let checks = report.checks.filter { $0.status == .unknown && $0.ignored == nil }
    guard !checks.isEmpty else { return "" }
    return HangingText("could not tell: ", tint: .yellow, indent: 2, checks.map(\.id).joined(separator: ", "))
      .render(style)
  }

  private var closing: String {
    let (word, status): (String, CheckStatus) =
      switch report.verdict {
      case .pass: ("healthy", .pass)
      case .warn: ("works, with warnings", .warn)
      case .fail: ("broken", .fail)
      case .incomplete: ("incomplete", .unknown)
      }
    let mark = CheckMark(status, unicode: style.unicode)
    return HangingText("\(mark.sign) ", tint: mark.tint, "\(word): \(counts) in \(report.duration.shown)")
      .render(style)
  }

  private var counts: String {
    let skipped = report.count(.skip)
    let parts: [(Int, String)] = [
      (report.count(.fail), "failed"), (report.count(.warn), "warned"),
      (report.count(.unknown), "could not tell"), (report.count(.pass), "passed"), (skipped, "skipped"),
      (report.ignoredCount, "ignored"),
    ]
    return parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
  }
}

extension Finding {
  /// A finding's mark is that of the check that it fails.
  var status: CheckStatus { severity == .error ? .fail : .warn }
}
