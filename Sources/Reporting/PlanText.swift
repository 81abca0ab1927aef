internal import AccessModel
internal import Postgres
public import Provisioning

/// A plan as people read it: grouped by step, counts at the end.
public struct PlanText: Sendable {
  let plan: Plan
  let style: OutputStyle
  /// What the plan undoes is not called setup.
  let title: String
  /// What an empty plan means.
  let nothing: String
  /// Every change has a line, however many there are.
  let verbose: Bool

  public init(
    _ plan: Plan, style: OutputStyle, title: String = "setup plan",
    nothing: String = "No changes. Everything is as it should be.", verbose: Bool = false
  ) {
    self.verbose = verbose
    self.plan = plan
    self.style = style
    self.title = title
    self.nothing = nothing
  }

  /// Writes the plan in pieces, so that a plan of any size needs little memory.
  public func write(to output: (String) throws -> Void) rethrows {
    let server = plan.server
    let heading =
      "\(title): database \(Identifier.display(server.database)) at \(ShownText.line(plan.host)):\(plan.port), as "
      + Identifier.display(server.user)
    try output(
      style.paint(style.wrap(heading, indent: "  "), .bold)
        + "\n\(style.wrap(ShownText.line(server.summary), indent: "  "))\n")
    try writeChanges(output)
    try writeSkipped(output)
    try writeGuards(output)
    try writeMissing(output)
    try writeNotes(output)
    try output("\n" + style.wrap(summary, indent: "  ") + "\n")
  }

  private func writeChanges(_ output: (String) throws -> Void) rethrows {
    var rest = plan.changes[...]
    while let step = rest.first?.step {
      let end = rest.firstIndex { $0.step != step } ?? rest.endIndex
      let changes = rest[..<end]
      rest = rest[end...]
      let name = style.paint(step.rawValue, .bold)
      if verbose || changes.count <= ChangeSummary.limit {
        try output("\n  \(name)\n")
        for change in changes { try output(line(change) + "\n") }
      } else {
        let heading = "  \(name): \(changes.count) changes (--verbose lists them all)"
        try output("\n" + style.wrap(heading, indent: "    ") + "\n")
        for group in ChangeSummary(changes).groups { try write(group, output) }
      }
    }
  }

  private func write(_ group: ChangeSummary.Group, _ output: (String) throws -> Void) rethrows {
    guard group.changes.count > ChangeSummary.named else {
      for change in group.changes { try output(line(change) + "\n") }
      return
    }
    let first = group.changes[0]
    let from = group.owners > 1 ? "\(group.owners) owners" : shown(first.from, first)
    try output(line(first, "\(group.changes.count)\(group.place)", from: from) + "\n")
    let names = ChangeSummary.names(group.changes.map(\.object))
    try output(style.wrap("        \(ShownText.line(names))", indent: "        ") + "\n")
  }

  private func line(_ change: Change) -> String {
    line(change, change.object, from: shown(change.from, change))
  }

  private func line(_ change: Change, _ object: String, from: String?) -> String {
    let kind = change.kind.padding(to: kindWidth)
    var line = "    \(sign(change.sign)) \(ShownText.line("\(kind) \(object)"))"
    let to = shown(change.to, change)
    switch (from, to) {
    case (let from?, let to?) where change.sign == .change: line += "  \(from) \(style.arrow) \(to)"
    case (_, let to?) where change.kind == "access" || change.kind == "default": line += "  for \(to)"
    case (_, let to?): line += "  \(to)"
    case (let from?, nil): line += "  \(from)"
    case (nil, nil): break
    }
    return style.wrap(line, indent: "        ")
  }

  /// Kinds stand in a column where there is room for one.
  private var kindWidth: Int { style.width.map { $0 < Self.columnsForKinds } == true ? 0 : 18 }
  private static let columnsForKinds = 60

  /// Owners are names, which are shown as such.
  private func shown(_ text: String?, _ change: Change) -> String? {
    text.map(change.action.target == nil ? ShownText.line : Identifier.display)
  }

  private func sign(_ sign: Change.Sign) -> String {
    switch sign {
    case .add: style.paint(sign.rawValue, .green)
    case .change: style.paint(sign.rawValue, .yellow)
    case .remove: style.paint(sign.rawValue, .red)
    }
  }

  private func writeSkipped(_ output: (String) throws -> Void) rethrows {
    guard !plan.skipped.isEmpty else { return }
    let name = style.paint("skipped", .bold)
    if verbose || plan.skipped.count <= ChangeSummary.limit {
      try output("\n  \(name)\n")
      for skipped in plan.skipped { try write(skipped, skipped.object, output) }
      return
    }
    let heading = "  \(name): \(plan.skipped.count) objects (--verbose lists them all)"
    try output("\n" + style.wrap(heading, indent: "    ") + "\n")
    let groups = Dictionary(grouping: plan.skipped) { [$0.kind, $0.reason] }
    for (_, alike) in groups.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
      try write(alike[0], ChangeSummary.names(alike.map(\.object)), output)
    }
  }

  /// - Parameter names: the object, or the first of those that are skipped for the same reason.
  private func write(_ skipped: SkippedObject, _ names: String, _ output: (String) throws -> Void) rethrows {
    let kind = skipped.kind.padding(to: kindWidth)
    try output(
      style.wrap(ShownText.line("    . \(kind) \(names)  (\(skipped.reason))"), indent: "        ") + "\n")
    guard let fix = skipped.fix else { return }
    let example = names == skipped.object ? "" : "for example, "
    try output(style.wrap("        \(example)\(ShownText.line(fix))", indent: "          ") + "\n")
  }

  private func writeGuards(_ output: (String) throws -> Void) rethrows {
    try output("\n")
    try GuardLine.write(plan.guards, style, verbose: verbose, to: output)
    guard plan.locks.batches > 0 else { return }
    let locks = plan.locks
    let text =
      "Locks: \(locks.total) in \(locks.batches) \(locks.batches == 1 ? "transaction" : "transactions or more") "
      + "of at most \(locks.perBatch) (the server has room for \(locks.capacity), \(locks.held) in use)"
    try output(style.wrap(text, indent: "       ") + "\n")
  }

  private func writeNotes(_ output: (String) throws -> Void) rethrows {
    let shown = verbose ? plan.notes[...] : plan.notes.prefix(ChangeSummary.limit)
    for note in shown { try output(style.wrap("Note: \(ShownText.line(note))", indent: "      ") + "\n") }
    if shown.count < plan.notes.count {
      try output("Note: \(plan.notes.count - shown.count) notes more (--verbose lists them all)\n")
    }
  }

  private func writeMissing(_ output: (String) throws -> Void) rethrows {
    guard !plan.missing.isEmpty else { return }
    try output("\n\(style.paint("Missing: nothing can be done before this has been run", .red))\n")
    var heading = ""
    for missing in plan.missing {
      let next = ShownText.line("  by \(missing.runBy), because \(missing.why):")
      if next != heading {
        heading = next
        try output(style.wrap(next, indent: "  ") + "\n")
      }
      try output("    \(ShownText.line(missing.statement));\n")
    }
  }

  /// The last line: what Terraform users look for.
  public var summary: String {
    if plan.changes.isEmpty, !plan.isBlocked { return nothing }
    let skipped = plan.skipped.isEmpty ? "" : ", \(plan.skipped.count) skipped"
    let word = plan.isBlocked ? style.paint("Refused", .red) : "Plan"
    return
      "\(word): \(plan.count(.add)) to add, \(plan.count(.change)) to change, \(plan.count(.remove)) to remove\(skipped)."
  }
}

extension String {
  func padding(to width: Int) -> String {
    count >= width ? self : self + String(repeating: " ", count: width - count)
  }
}
