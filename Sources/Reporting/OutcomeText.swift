internal import AccessModel
public import Provisioning

/// What came of apply or revert, for people.
public struct OutcomeText: Sendable {
  let outcome: BatchOutcome
  let style: OutputStyle
  /// The command that goes on where this run ended.
  let again: String
  /// Everything that was left has a line, however much it is.
  let verbose: Bool

  public init(_ outcome: BatchOutcome, style: OutputStyle, again: String, verbose: Bool = false) {
    self.verbose = verbose
    self.outcome = outcome
    self.style = style
    self.again = again
  }

  public var text: String {
    var text = ""
    let notices = verbose ? outcome.notices[...] : outcome.notices.prefix(ChangeSummary.limit)
    for notice in notices {
      text += style.wrap("Notice: \(ShownText.line(notice))", indent: "        ") + "\n"
    }
    if notices.count < outcome.notices.count {
      text += "Notice: \(outcome.notices.count - notices.count) notices more (--verbose lists them all)\n"
    }
    if !outcome.left.isEmpty { text += left }
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

  /// What was left, and why; much of it by kind and reason.
  private var left: String {
    let isPrepared = outcome.left.contains { $0.blockers.contains { $0.prepared != nil } }
    return leftLines + (isPrepared ? style.wrap(Self.aboutPrepared, indent: "    ") + "\n" : "")
  }

  private static let aboutPrepared = """
      A prepared transaction belongs to a transaction manager, which knows whether it has to be committed or rolled \
    back: let it finish, and ask whoever runs it. To end it by hand may lose what it has done.
    """

  private var leftLines: String {
    func line(_ left: LeftBehind, _ objects: String) -> String {
      let blockers = left.blockers.map(\.summary).joined(separator: "; ")
      let by = blockers.isEmpty ? "" : ": \(blockers)"
      return style.wrap(ShownText.line("  \(left.kind) \(objects): \(left.reason)\(by)"), indent: "    ")
        + "\n"
    }
    let heading = style.paint("Left as it was:", .yellow)
    if verbose || outcome.left.count <= ChangeSummary.limit {
      return "\(heading)\n" + outcome.left.map { line($0, $0.object) }.joined()
    }
    let groups = Dictionary(grouping: outcome.left) { [$0.kind, $0.reason] + $0.blockers.map(\.summary) }
    let lines = groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { _, alike in
      line(alike[0], "(\(alike.count)) \(ChangeSummary.names(alike.map(\.object)))")
    }
    return "\(heading) \(outcome.left.count) objects (--verbose lists them all)\n" + lines.joined()
  }
}
