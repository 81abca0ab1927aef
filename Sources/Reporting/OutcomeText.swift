internal import AccessModel
public import Provisioning

/// What came of apply or revert, for people.
public struct OutcomeText: Sendable {
  let outcome: BatchOutcome
  let style: OutputStyle
  /// The command that goes on where this run ended.
  let again: String

  public init(_ outcome: BatchOutcome, style: OutputStyle, again: String) {
    self.outcome = outcome
    self.style = style
    self.again = again
  }

  public var text: String {
    var text = ""
    for notice in outcome.notices {
      text += style.wrap("Notice: \(ShownText.line(notice))", indent: "        ") + "\n"
    }
    if !outcome.left.isEmpty {
      text += style.paint("Left as it was:", .yellow) + "\n"
      for left in outcome.left {
        let blockers = left.blockers.map(\.summary).joined(separator: "; ")
        let by = blockers.isEmpty ? "" : ": \(blockers)"
        text +=
          style.wrap(ShownText.line("  \(left.kind) \(left.object): \(left.reason)\(by)"), indent: "    ")
          + "\n"
      }
    }
    let done = "\(outcome.done) of \(outcome.total) changes"
    if outcome.isComplete {
      text += style.paint("Done: \(done).", .green) + "\n"
    } else {
      let why = outcome.interrupted ? "Stopped after a finished batch" : "Incomplete"
      text += style.paint("\(why): \(done) made, each of them for good.", .yellow) + "\n"
      text +=
        outcome.helpsAgain
        ? "To do the rest: \(ShownText.line(again))\n"
        : "The same command would be refused again: first change what the reasons above say\n"
    }
    return text
  }
}
